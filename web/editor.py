"""Editing a recipe: its text with its mistakes below it; each save is a version. Works without scripts.

What the page asks while someone writes is in web/recipe_text.py.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug import Response

from engine.errors import BridgeworkError
from engine.recipe.editing.compare import hunks
from engine.recipe.editing.fix import fix_text, join, split_with_ends
from engine.recipe.findings import Finding
from engine.recipe.yaml.nodes import LINE_END
from engine.recipe.yaml.source import read_text
from engine.run.recipes.editing import (
    ChangedMeanwhile,
    check_name,
    fingerprint,
    new_recipe,
    present_version,
    save_recipe,
)
from engine.store.switches import switches
from web.cards import any_name_or_404, connection_names
from web.drafts import drafted, operations
from web.edge_cases import ends_worse
from web.pages import plural
from web.recipe_text import look_over, mistakes_of, path_of, shown
from web.site import site

bp = Blueprint("editor", __name__)

#: What a new recipe begins with; whoever writes replaces the words in capitals.
BEGINNING = """\
name: WHAT PEOPLE READ IN LISTS AND REPORTS
description: WHAT IT IS FOR.
trigger:
  use: CONNECTOR.TRIGGER
  as: record
  schedule: manual
steps:
  - use: CONNECTOR.ACTION
    with:
      FIELD: "{{ record.FIELD }}"
"""
LONGEST_NOTE = 500


@dataclass(frozen=True)
class Draft:
    """A recipe's text as it stands in the form.

    :param name: of the recipe; of a new one, the name that was typed.
    :param seen: the fingerprint of what its writer began with.
    """

    name: str
    text: str
    seen: str = ""
    note: str = ""

    @classmethod
    def sent(cls, name: str) -> "Draft":
        form = request.form
        text = LINE_END.sub("\n", form.get("text", "")).removesuffix("\n") + "\n"
        seen = form.get("over") or form.get("seen", "")  # over: having seen what it is now
        return cls(name, text, seen, form.get("note", "").strip()[:LONGEST_NOTE])


@bp.get("/recipes/<name>/edit")
def edit(name: str) -> str | Response:
    """Show a recipe's text in the editor; ``?line=`` is the line to begin at."""
    path = site().library.path(any_name_or_404(site(), name))
    try:
        text = read_text(path)
    except BridgeworkError as error:
        flash(str(error), "problem")
        return redirect(url_for("recipes.index"))
    present_version(site().store, site().library, name)
    return _page(Draft(name, text, fingerprint(text)))


@bp.post("/recipes/<name>/edit")
def save(name: str) -> str | Response | tuple[str, int]:
    """Save the text as a new version, or correct lines of it, or only look it over."""
    draft = Draft.sent(any_name_or_404(site(), name))
    done = request.form.get("do", "save")
    if done != "save":
        return _corrected(draft, done)
    mistakes = mistakes_of(_findings(draft))
    on = switches(site().store).get(name, False)
    if mistakes and on and request.form.get("sure") != "1":
        return _page(draft, breaking=len(mistakes)), 422
    try:
        kept = save_recipe(
            site().store,
            site().library,
            name,
            draft.text,
            seen=draft.seen,
            by=current_user.email,
            note=draft.note,
        )
    except ChangedMeanwhile as error:
        return _page(draft, now=error.text), 409
    except BridgeworkError as error:
        flash(str(error), "problem")
        return _page(draft), 422
    if not mistakes and (worse := ends_worse(name)):
        flash(worse, "note")
    then = what_next(mistakes, on) if name in site().library.names() else ""
    flash(f"Saved: “{name}” is version {kept.number} now. {then}".strip(), "done")
    return redirect(url_for("editor.edit", name=name))


@bp.get("/new-recipe")
def begin() -> str:
    """Show the editor for a recipe that isn't there yet.

    ``?from=`` is the recipe it begins as; ``?trigger=`` and ``?action=`` are what a draft bridges.
    """
    written = drafted(request.args.get("trigger", ""), request.args.get("action", ""))
    if written:
        return _page(Draft("", written), new=True)
    origin = request.args.get("from", "")
    if origin in site().library.everything():
        text = read_text(site().library.path(origin))
        return _page(Draft(_free_name(origin), text), new=True)
    return _page(Draft("", BEGINNING), new=True)


@bp.post("/new-recipe")
def make() -> str | Response | tuple[str, int]:
    """Write a new recipe's file; it is switched off."""
    draft = Draft.sent(request.form.get("name", "").strip())
    done = request.form.get("do", "save")
    if done != "save":
        return _corrected(draft, done, new=True)
    try:
        new_recipe(
            site().store,
            site().library,
            draft.name,
            draft.text,
            by=current_user.email,
            note=draft.note,
        )
    except BridgeworkError as error:
        flash(str(error), "problem")
        return _page(draft, new=True), 422
    flash(f"“{draft.name}” is saved. {what_next(mistakes_of(_findings(draft)), on=False)}", "done")
    return redirect(url_for("editor.edit", name=draft.name))


def _page(draft: Draft, *, new: bool = False, now: str | None = None, breaking: int = 0) -> str:
    """Show the editor.

    :param now: what the file is, where that isn't what the draft began with.
    :param breaking: how many mistakes a save would put into a recipe that is switched on.
    """
    findings = _findings(draft)
    g.style_nonce = secrets.token_urlsafe(16)
    return render_template(
        "recipes/edit.html",
        draft=draft,
        new=new,
        findings=shown(findings),
        mistakes=len(mistakes_of(findings)),
        certain=sum(1 for found in findings if found.corrected),
        now=now,
        now_seen=fingerprint(now) if now is not None else "",
        difference=hunks(now, draft.text) if now is not None else (),
        breaking=plural(breaking, "mistake", "mistakes") if breaking else "",
        on=not new and switches(site().store).get(draft.name, False),
        runs=new or draft.name in site().library.names(),
        nonce=g.style_nonce,
        operations=operations() if new else ((), ()),
        line=request.args.get("line", type=int),
    )


def _corrected(draft: Draft, done: str, *, new: bool = False) -> str:
    """Show the draft with a line corrected (``done`` is its number) or all that is certain."""
    path = path_of(site(), draft.name)
    text = draft.text
    if done == "fix":
        fixed = fix_text(text, path, site().host, connection_names(site()))
        text, count = fixed.text, len(fixed.changes)
        flash(f"{plural(count, 'line', 'lines')} corrected; look, then save.", "note")
    elif done.isascii() and done.isdigit() and len(done) < 9:
        for found in look_over(site(), path, text):
            if found.position.line == int(done) and found.corrected:
                lines, ends = split_with_ends(text)
                lines[int(done) - 1] = found.corrected
                text = join(lines, ends)
                break
    return _page(Draft(draft.name, text, draft.seen, draft.note), new=new)


def _findings(draft: Draft) -> Sequence[Finding]:
    return look_over(site(), path_of(site(), draft.name), draft.text)


def what_next(mistakes: Sequence[Finding], on: bool) -> str:
    """Say what becomes of a recipe that was just saved."""
    if mistakes:
        count = plural(len(mistakes), "mistake", "mistakes")
        if on:
            return f"It has {count}: its next run can't start until they are corrected."
        return f"It is a draft with {count}: it can be switched on once they are corrected."
    return "Its next run uses it." if on else "It is switched off."


def _free_name(origin: str) -> str:
    """Return a name for a copy that no recipe has."""
    for number in range(2, 1000):
        name = f"{origin.lower()}-{number}"
        try:
            check_name(site().library, name)
        except BridgeworkError:
            continue
        return name
    return ""
