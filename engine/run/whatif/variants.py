"""The variants of a field: what a source may really send, told from its schema, kind and sample."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from engine.fields import WITHOUT
from engine.recipe.checking.scopes import choices, kinds
from engine.run.whatif.kinds import BY_KIND, text
from engine.run.whatif.used import Used
from engine.run.whatif.values import MISSING, Kind
from engine.run.whatif.variant import Variant

UNHEARD_OF = "Something new"


def variants_of(
    used: Used,
    kind: Kind,
    value: Any,
    *,
    tables: Mapping[str, Mapping[str, str]],
    zone: ZoneInfo,
    is_key: bool,
) -> Iterator[Variant]:
    """Yield the variants of a field, likely ones first.

    :param value: what the field holds in the record that is varied.
    :param zone: the recipe's time zone.
    :param is_key: the field tells the trigger's records apart, so it is never without a value.
    """
    if not used.discriminates:
        if not is_key:
            yield from _nothing(used, kind)
        yield from _tables(used, value, tables)
        yield from _labels(used, value)
    yield from _other_values(used, value)
    if not (used.discriminates or is_key or kind == "choice"):
        yield from BY_KIND.get(kind, text)(used, value, zone)


def _nothing(used: Used, kind: Kind) -> Iterator[Variant]:
    known = bool(used.schema) and not used.guessed
    says = "has no {thing}"
    possible = [part.get("type") for part in used.schema.get("anyOf", [used.schema])]
    if "null" in possible or not known:
        yield Variant(id="null", column="nothing", says=says, value=None, blank=True)
    yield Variant(
        id="missing", column="nothing", says=says, value=MISSING, blank=True, likely=not known
    )
    if kind == "list":
        yield Variant(id="none", column="nothing", says="has no {things}", value=[], blank=True)
    elif kind not in ("record", "number", "boolean", "choice") and kinds(used.schema) <= {"string"}:
        yield Variant(
            id="empty",
            column="nothing",
            says=says,
            value="",
            blank=True,
            likely=not known or used.only_text or "null" in possible,
        )
        yield Variant(
            id="spaces",
            column="nothing",
            says="has only spaces as {thing}",
            value="  ",
            blank=True,
            likely=False,
        )


def _tables(used: Used, value: Any, tables: Mapping[str, Mapping[str, str]]) -> Iterator[Variant]:
    for name in dict.fromkeys(used.tables):
        yield Variant(
            id="unmapped",
            column="other",
            says=f"has a {{thing}} that isn't in the table '{name}', e.g. '{UNHEARD_OF}'",
            value=UNHEARD_OF,
        )
        for source in tables[name]:
            if source != value:
                yield Variant(
                    id=f"mapped:{source}",
                    column="other",
                    says=f"has the {{thing}} '{source}'",
                    value=source,
                )


def _labels(used: Used, value: Any) -> Iterator[Variant]:
    if not used.labels or isinstance(value, list):
        return
    for label in used.labels:
        if label.lower() != str(value).lower():
            yield Variant(
                id=f"label:{label}",
                column="other",
                says=f"has the {{thing}} '{label}'",
                value=label,
            )
    yield Variant(
        id="unlisted",
        column="other",
        says=f"has another {{thing}} than {', '.join(used.labels)}",
        value=UNHEARD_OF,
    )


def _other_values(used: Used, value: Any) -> Iterator[Variant]:
    without: Mapping[str, Sequence[str]] = used.schema.get(WITHOUT, {})
    for other in choices(used.schema):
        if other is None or other == value:
            continue
        of_kind = WITHOUT in used.schema
        says = f"is a {str(other).lower()}" if of_kind else f"has the {{thing}} '{other}'"
        yield Variant(
            id=f"value:{other}",
            column="other",
            says=says,
            value=other,
            without=tuple(without.get(str(other), ())),
            of_kind=of_kind,
        )
    for other in used.literals:
        if other != value and other not in choices(used.schema):
            yield Variant(
                id=f"value:{other}",
                column="other",
                says=f"has the {{thing}} '{other}'",
                value=other,
            )
