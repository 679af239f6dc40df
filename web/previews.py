"""What a recipe would do now: asked for with a button, shown record by record, and nothing is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request

from engine.errors import BridgeworkError
from engine.redaction import redact
from engine.report.values import spoken
from engine.report.words import MESSAGE
from engine.run.differences import flat
from engine.run.preview import Preview, PreviewEntry, PreviewRow, preview
from engine.store.ledger import NEEDS_ATTENTION, OUTCOMES
from web.cards import name_or_404, recipe_card
from web.site import site

bp = Blueprint("previews", __name__, url_prefix="/recipes")

#: Records that may be looked at: a page that is read by a person, while they wait for it.
LIMITS = (20, 100, 500)
#: Characters of a value that are shown.
SHOWN = 300


@dataclass(frozen=True)
class FieldLine:
    """One field of a row: what it was, where that is known, and what it would be."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class RowBox:
    """What one step would send of a record."""

    step: str
    outcome: str
    known: bool
    fields: tuple[FieldLine, ...]


@dataclass(frozen=True)
class EntryBox:
    """What would become of one record."""

    title: str
    outcome: str
    reason: str
    how_to_fix: str
    rows: tuple[RowBox, ...]


@bp.get("/<name>/preview")
def ask(name: str) -> str:
    """Offer to look."""
    return _page(name, None)


@bp.post("/<name>/preview")
def look(name: str) -> str:
    """Look, and show what would happen."""
    name_or_404(site(), name)
    given = request.form.get("limit", "")
    limit = next((limit for limit in LIMITS if str(limit) == given), LIMITS[0])
    try:
        recipe = site().library.load(name)
        full = request.form.get("full") == "1"
        found = preview(site().store, site().host, recipe, limit=limit, full=full)
    except BridgeworkError as error:
        flash(redact(str(error)), "problem")
        return _page(name, None)
    return _page(name, found, limit)


def _page(name: str, found: Preview | None, limit: int = LIMITS[0]) -> str:
    card = recipe_card(site(), name_or_404(site(), name))
    entries = [] if found is None else [e for e in found.entries if e.outcome != "unchanged"]
    # What needs somebody comes first, then in the order of the source.
    entries.sort(key=lambda entry: entry.outcome not in NEEDS_ATTENTION)
    return render_template(
        "recipes/preview.html",
        card=card,
        found=found,
        message=MESSAGE,
        counts=[] if found is None else _counts(found.counts),
        entries=[_box(entry) for entry in entries],
        unchanged=0 if found is None else found.counts.get("unchanged", 0),
        limits=LIMITS,
        limit=limit,
        full=request.form.get("full") == "1",
    )


def _counts(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return [(outcome, counts[outcome]) for outcome in OUTCOMES if counts.get(outcome)]


def _box(entry: PreviewEntry) -> EntryBox:
    return EntryBox(
        title=redact(entry.title),
        outcome=entry.outcome,
        reason=redact(entry.said),
        how_to_fix=redact(entry.how_to_fix or ""),
        rows=tuple(_row(row) for row in entry.rows if row.outcome != "unchanged"),
    )


def _row(row: PreviewRow) -> RowBox:
    known = row.changes is not None
    if row.changes is not None:
        fields = [FieldLine(c.field, _shown(c.before), _shown(c.after)) for c in row.changes]
    else:
        fields = [FieldLine(name, "", _shown(value)) for name, value in flat(row.values)]
    return RowBox(row.step, row.outcome, known, tuple(fields))


def _shown(value: Any) -> str:
    return redact(spoken(value))[:SHOWN]
