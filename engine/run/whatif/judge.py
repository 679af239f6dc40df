"""What a variant did, beside what the record it was made from does: the rows are compared field by field."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine.files import is_file
from engine.recipe.templates.coerce import is_blank
from engine.report.values import spoken
from engine.run.whatif.trial import Sent, Tried
from engine.run.whatif.values import Kind
from engine.run.whatif.variant import Variant

Mark = Literal[
    "same",
    "carried",
    "without",
    "gap",
    "cut",
    "other-way",
    "stand-in",
    "chosen",
    "skipped",
    "rejected",
    "part",
    "lost",
    "altered",
    "dropped",
    "merged",
    "stops",
    "crash",
]
#: How marks are called, the worst first.
MARKS: Mapping[Mark, str] = {
    "crash": "defect",
    "stops": "stops the run",
    "lost": "lost",
    "dropped": "only one",
    "merged": "one of two",
    "altered": "changed",
    "part": "in part",
    "rejected": "rejected",
    "stand-in": "default",
    "chosen": "one chosen",
    "other-way": "another way",
    "cut": "cut",
    "without": "without it",
    "gap": "with a gap",
    "skipped": "left out",
    "carried": "comes over",
    "same": "no change",
}
#: What nobody would be told: something of the record is lost or wrong, and no report says so.
SILENT = frozenset({"lost", "dropped", "merged", "altered"})
#: Filters with which a recipe says that it wants less of a text, or another one.
CUTTING = frozenset({"truncate", "left", "right"})
CHANGING = frozenset(
    {
        "after",
        "before",
        "digits",
        "family_name",
        "given_name",
        "hash",
        "json",
        "replace",
        "slug",
        "split",
        "text_of_html",
    }
)
#: A row's field: the step, which of its rows, the dotted name.
Leaf = tuple[str, int, str]


@dataclass(frozen=True)
class Verdict:
    """What became of one variant.

    :param about: which fields of the target it is about, for sentences: ``client.email``.
    :param value: what arrives there, where that is the point.
    """

    mark: Mark
    about: tuple[str, ...] = ()
    value: str = ""


@dataclass(frozen=True)
class Judge:
    """Compares trials with the one they were varied from.

    :param base: that trial.
    :param kind: of the field that is varied.
    :param value: what the field holds in it.
    :param zone: the recipe's time zone.
    :param filters: those it goes through.
    :param translated: what arrives isn't the field's own value, but looked up by it.
    """

    base: Tried
    kind: Kind
    value: Any
    zone: ZoneInfo
    translated: bool = False
    filters: frozenset[str] = frozenset()

    def judge(self, variant: Variant, tried: Tried) -> Verdict:
        if tried.outcome == "crashed":
            return Verdict("crash")
        if tried.outcome == "stopped":
            return Verdict("stops")
        if tried.outcome == "skipped":
            return Verdict("skipped")
        if not tried.came_over:
            return Verdict("rejected")
        if tried.code and tried.code != self.base.code:
            return Verdict("part")
        if not self.base.came_over:
            return Verdict("carried")
        before, after = leaves(self.base.rows), leaves(tried.rows)
        if before == after:
            return Verdict("same")
        if (new := _steps(tried) - _steps(self.base)) and (
            old := _steps(self.base) - _steps(tried)
        ):
            return Verdict(
                "other-way", tuple(sorted(new)), ", ".join(f"'{id}'" for id in sorted(old))
            )
        gone = [leaf for leaf in before if leaf not in after or is_blank(after[leaf])]
        gone = [leaf for leaf in gone if not is_blank(before[leaf])]
        changed = [leaf for leaf in after if leaf in before and leaf not in gone]
        changed = [leaf for leaf in changed if before[leaf] != after[leaf]]
        if variant.blank:
            return self._blank(before, after, gone, changed)
        if gone and not variant.without and _steps(self.base) == _steps(tried):
            return Verdict("lost", names(gone))
        if gone:
            return Verdict("without", names(gone))
        for leaf in changed:
            if self._is_altered(variant, before[leaf], after[leaf]):
                if self.filters & CUTTING:
                    return Verdict("cut", names([leaf]), _short(after[leaf]))
                if self.filters & CHANGING:
                    break
                return Verdict("altered", names([leaf]), _short(after[leaf]))
        return Verdict("carried", names(changed))

    def _blank(
        self,
        before: Mapping[Leaf, Any],
        after: Mapping[Leaf, Any],
        gone: list[Leaf],
        changed: list[Leaf],
    ) -> Verdict:
        if gone:
            return Verdict("without", names(gone))
        value = str(self.value)
        for leaf in changed:
            old, new = str(before[leaf]), str(after[leaf])
            if len(new) >= len(old) or not _is_rest(old, new, value):
                return Verdict("stand-in", names([leaf]), _short(after[leaf]))
        return Verdict("gap" if changed else "same", names(changed))

    def _is_altered(self, variant: Variant, before: Any, after: Any) -> bool:
        """Return whether what arrives isn't what the source said, where that can be told."""
        if self.translated:
            return False
        if not isinstance(after, str) or not isinstance(before, str):
            return False
        value, given = str(self.value), str(variant.value)
        match self.kind:
            case "phone":
                if not _digits(value) or not _digits(before).endswith(_digits(value)):
                    return False
                if after.startswith("+") and variant.means:
                    return _digits(after) != _digits(variant.means)
                return _digits(given) not in _digits(after)
            case "date" | "moment":
                day = _day(value, self.zone)
                if not variant.means or day is None or _day(before, None) is None:
                    return False
                if len(before) > len("2026-03-02"):
                    return _day(after, self.zone) != variant.means
                return after != variant.means
        expected, found = _plain(before), _plain(value)
        if not found or found not in expected:
            return False
        return _plain(after) != expected.replace(found, _plain(variant.means or given))


def leaves(rows: tuple[Sent, ...]) -> dict[Leaf, Any]:
    """Return the values of all rows that write, each by its step, its row and its dotted name."""
    found: dict[Leaf, Any] = {}
    counts: dict[str, int] = {}
    for row in rows:
        if not row.writes:
            continue
        number = counts[row.step] = counts.get(row.step, -1) + 1
        found[row.step, number, ""] = True
        for name, value in _flat(row.values, ""):
            found[row.step, number, name] = value
    return found


def names(found: list[Leaf]) -> tuple[str, ...]:
    """Return the dotted names of fields, each once; a step's id where its whole row is meant."""
    whole = {(step, number) for step, number, name in found if not name}
    return tuple(
        dict.fromkeys(
            name or f"the step '{step}'"
            for step, number, name in found
            if not name or (step, number) not in whole
        )
    )


def _steps(tried: Tried) -> set[str]:
    return {row.step for row in tried.rows if row.writes}


def _flat(values: Mapping[str, Any], inside: str) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and not is_file(value):
            yield from _flat(value, f"{inside}{name}.")
        else:
            yield f"{inside}{name}", value


def _is_rest(old: str, new: str, value: str) -> bool:
    """Return whether a text is what it was without the value."""
    return _plain(new) == _plain(old.replace(value, "")) or _plain(new) in _plain(old)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _day(text: str, zone: ZoneInfo | None) -> str | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if zone is not None and moment.tzinfo is not None and len(text) > len("2026-03-02"):
        moment = moment.astimezone(zone)
    return moment.date().isoformat()


def _short(value: Any) -> str:
    text = spoken(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
