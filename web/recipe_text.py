"""What the editor asks while someone writes: mistakes, corrections, completions, what a word means."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, jsonify, request
from werkzeug import Response

from engine.recipe.checking.check import check_text
from engine.recipe.editing.complete import completions, hover
from engine.recipe.editing.fix import fix_text
from engine.recipe.findings import Finding
from engine.recipe.yaml.source import LARGEST_FILE
from web.cards import connection_names
from web.findings import finding_note
from web.site import Site, site

bp = Blueprint("recipe_text", __name__, url_prefix="/recipe-text")

#: More would only be scrolled through.
MOST_OFFERED = 200
SETUP = "Add it on the page Connections: until then the recipe can't run."


@bp.post("/check")
def check() -> Response:
    """Tell what is wrong with a text that isn't saved yet."""
    asked = _asked()
    path = path_of(site(), asked["name"])
    return jsonify({"findings": shown(look_over(site(), path, asked["text"]))})


@bp.post("/fix")
def fix() -> Response:
    """Give the text back with every certain correction made."""
    asked = _asked()
    path = path_of(site(), asked["name"])
    fixed = fix_text(asked["text"], path, site().host, connection_names(site()))
    return jsonify({"text": fixed.text, "fixed": len(fixed.changes)})


@bp.post("/complete")
def complete() -> Response:
    """Tell what may be written at a place."""
    asked = _asked()
    found = completions(
        asked["text"],
        path_of(site(), asked["name"]),
        asked["line"],
        asked["column"],
        site().host,
        connection_names(site()),
    )
    return jsonify(
        [
            {
                "label": one.label,
                "kind": one.kind,
                "detail": one.detail,
                "documentation": one.documentation,
                "insert": one.insert,
                "start": one.start,
                "end": one.end,
            }
            for one in found[:MOST_OFFERED]
        ]
    )


@bp.post("/hover")
def about_word() -> Response:
    """Tell what the word at a place means."""
    asked = _asked()
    path = path_of(site(), asked["name"])
    found = hover(asked["text"], path, asked["line"], asked["column"], site().host)
    if found is None:
        return jsonify(None)
    return jsonify(
        {"title": found.title, "text": found.text, "start": found.start, "end": found.end}
    )


def path_of(site: Site, name: str) -> Path:
    """Return the file of a recipe, or the one that a new recipe would have."""
    if name in site.library.everything():
        return site.library.path(name)
    return site.library.folder / "new.yaml"  # a name from an address never becomes a path


def look_over(site: Site, path: Path, text: str) -> Sequence[Finding]:
    """Return what is wrong with a text, hints included."""
    return check_text(text, path, site.host, connection_names(site), hints=True)


def mistakes_of(findings: Sequence[Finding]) -> list[Finding]:
    """Return what keeps a recipe from running, but that an app isn't connected yet."""
    return [found for found in findings if found.level == "mistake" and not found.is_setup]


def shown(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return what the editor shows of findings, mistakes before what is only worth saying."""
    documents = [as_json(found) for found in findings]
    return sorted(documents, key=lambda found: found["level"] != "mistake")


def as_json(finding: Finding) -> dict[str, Any]:
    """Return what the editor shows of a finding; columns count from 1.

    Its level is ``mistake``, ``hint`` (it works all the same) or ``setup`` (an app isn't connected).
    """
    note = finding_note(finding)
    return {
        "line": note.line,
        "column": finding.position.column,
        "place": note.place,
        "message": note.message,
        "hint": SETUP if finding.is_setup else finding.hint,
        "corrected": note.corrected,
        "level": "setup" if finding.is_setup else finding.level,
    }


def _asked() -> dict[str, Any]:
    """Return what the page sent, if it is what a page sends."""
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # nested deeper than any page sends
        sent = None
    if not isinstance(sent, dict):
        abort(400)
    text = sent.get("text")
    if not isinstance(text, str) or len(text) > LARGEST_FILE:
        abort(400)
    numbers = [sent.get(part, 1) for part in ("line", "column")]
    if not all(isinstance(number, int) and 0 < number <= LARGEST_FILE for number in numbers):
        abort(400)
    line, column = numbers
    return {"name": str(sent.get("name", "")), "text": text, "line": line, "column": column}
