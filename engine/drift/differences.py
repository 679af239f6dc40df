"""How records differ from what is declared of them, or from those seen before."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.drift.shape import ANY_NAME, ENTRY, Path, Seen, Shape, written
from engine.fields import Schema

Kind = Literal[
    "removed",
    "added",
    "type changed",
    "format changed",
    "now empty",
    "sometimes missing",
    "sometimes empty",
]
#: Earlier records that must all have had a field, for that it counts as removed now.
EARLIER = 20
#: Records that must all lack it now; one is enough where the connector declares it required too.
NOW = 3
#: Records in which a field must be empty that never was, for that it counts as empty now.
EMPTY = 20
#: How kinds of values are called.
WORDS = {
    "string": "text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a record",
    "null": "nothing",
}


@dataclass(frozen=True)
class Difference:
    """One field that is another now.

    :param path: as recipes write it: ``clients[].email``.
    :param before: what it was, e.g. ``text``; so ``after``. Empty where it wasn't there.
    """

    path: str
    kind: Kind
    before: str = ""
    after: str = ""

    @property
    def breaks(self) -> bool:
        """Whether what reads the field no longer gets what it was written for."""
        return self.kind in ("removed", "type changed", "now empty")

    @property
    def sentence(self) -> str:
        """What happened, as people read it."""
        match self.kind:
            case "removed":
                was = f"; it was {self.before}" if self.before else ""
                return f"The field '{self.path}' no longer comes{was}."
            case "added":
                return f"The field '{self.path}' is new: {self.after}."
            case "type changed":
                return f"The field '{self.path}' was {self.before} and is {self.after} now."
            case "format changed":
                return (
                    f"The text of '{self.path}' was written as {self.before} and is written as "
                    f"{self.after} now."
                )
            case "now empty":
                return f"The field '{self.path}' is always empty now; it was {self.before}."
            case "sometimes missing":
                return f"The field '{self.path}' should always be there, but some records lack it."
        return f"The field '{self.path}' is empty in some records; it should be {self.before}."


def differences(before: Schema | Shape, now: Shape) -> list[Difference]:
    """Return how records differ from what a connector declares, or from those seen before.

    No alarm without evidence: a field counts as removed only where earlier records all had it, or
    it is declared as required, and where all records now lack it; of nothing nothing is said.

    :param before: the JSON Schema of the records, or the shape of earlier ones.
    """
    if not now.records:
        return []
    if isinstance(before, Shape):
        return [*_since(before, now)] if before.records else []
    return [*_against(before, now, ())]


def is_removed(path: Path, before: Shape, now: Shape, *, required: bool = False) -> bool:
    """Return whether a field that was there is surely gone.

    :param required: the connector declares that each record has it.
    """
    looked, seen = now.looked_for(path), now.fields.get(path)
    if not looked or (seen is not None and seen.present):
        return False
    earlier = before.fields.get(path)
    if earlier is None or not earlier.of:
        # What is declared is often said too lightly: alone it is little evidence.
        return required and before.looked_for(path) == 0 and looked >= EARLIER
    if not earlier.always:
        return False
    if earlier.of >= EARLIER:
        return required or looked >= NOW
    return required and earlier.of >= NOW and looked >= NOW


# -- since earlier records -------------------------------------------------------------------------


def _since(before: Shape, now: Shape) -> Iterator[Difference]:
    gone: list[Path] = []
    for path, earlier in before.fields.items():
        if any(path[: len(above)] == above for above in gone) or ANY_NAME in path:
            continue
        if path[-1] != ENTRY and is_removed(path, before, now):
            gone.append(path)
            yield Difference(written(path), "removed", before=kind_words(earlier))
        elif (seen := now.fields.get(path)) is not None:
            yield from _changed(path, earlier, seen)
    for path, seen in now.fields.items():
        if path in before.fields or ANY_NAME in path or path[-1] == ENTRY:
            continue
        if len(path) > 1 and path[:-1] not in before.fields:
            continue  # it is new with what it belongs to
        # One that only some have may have been there before, in others.
        if before.looked_for(path) >= EARLIER and seen.always:
            yield Difference(written(path), "added", after=kind_words(seen))


def _changed(path: Path, earlier: Seen, seen: Seen) -> Iterator[Difference]:
    was, now = families(earlier.filled), families(seen.filled)
    enough = min(sum(earlier.filled.values()), sum(seen.filled.values())) >= NOW
    if enough and not was & now:
        words = kind_words(earlier), kind_words(seen)
        yield Difference(written(path), "type changed", *words)
        return
    if earlier.always_filled and earlier.of >= EARLIER and not now and seen.looked_at >= EMPTY:
        yield Difference(written(path), "now empty", before=kind_words(earlier))
        return
    one, other = _only_format(earlier), _only_format(seen)
    if one and other is not None and one != other:
        yield Difference(written(path), "format changed", one, other or "free text")


def families(kinds: Iterable[str]) -> set[str]:
    """Return kinds, of which whole numbers and others are one."""
    return {"number" if kind == "integer" else kind for kind in kinds}


def _only_format(seen: Seen) -> str | None:
    """Return the format that all texts of a field had; None where they differ or are too few."""
    if len(seen.formats) != 1 or sum(seen.formats.values()) < NOW:
        return None
    return next(iter(seen.formats))


def kind_words(seen: Seen) -> str:
    """Return what a field is, in words: ``text or a number``."""
    words = dict.fromkeys(WORDS[kind] for kind in seen.filled)
    return " or ".join(words) or "empty"


def required_of(schema: Mapping[str, Any], above: Path = ()) -> Iterator[Path]:
    """Yield the fields that each record has by its schema, wherever what they belong to is there."""
    for option in _options(schema):
        if isinstance(option.get("items"), Mapping):
            yield from required_of(option["items"], (*above, ENTRY))
        properties = option.get("properties", {})
        yield from ((*above, name) for name in option.get("required", ()) if name in properties)
        for name, part in properties.items():
            yield from required_of(part, (*above, name))


# -- against what is declared ----------------------------------------------------------------------


def _against(schema: Mapping[str, Any], now: Shape, above: Path) -> Iterator[Difference]:
    """Yield what differs of the records at a place from their schema."""
    options = list(_options(schema))
    records = [option for option in options if option.get("type") == "object"]
    for option in options:
        if option.get("type") == "array" and isinstance(option.get("items"), Mapping):
            yield from _against(option["items"], now, (*above, ENTRY))
    if len(records) != 1 or "properties" not in records[0]:
        return
    properties, required = records[0]["properties"], records[0].get("required", ())
    for name, part in properties.items():
        path = (*above, name)
        looked, seen = now.looked_for(path), now.fields.get(path)
        if not looked:
            continue
        if seen is None or not seen.present:
            if name in required and looked >= NOW:
                yield Difference(written(path), "removed", before=declared_words(part))
            continue
        if name in required and not seen.always:
            yield Difference(written(path), "sometimes missing", before=declared_words(part))
        yield from _of_other_kind(path, part, seen)
        yield from _against(part, now, path)
    if not records[0].get("additionalProperties"):
        for path, seen in now.fields.items():
            own = path[:-1] == above and path[-1] not in (*properties, ENTRY, ANY_NAME)
            if own and seen.present:
                yield Difference(written(path), "added", after=kind_words(seen))


def _of_other_kind(path: Path, schema: Mapping[str, Any], seen: Seen) -> Iterator[Difference]:
    allowed = {kind for option in _options(schema) for kind in _kinds(option)}
    if not allowed or "" in allowed:
        return
    if "null" not in allowed and seen.kinds.get("null"):
        yield Difference(written(path), "sometimes empty", before=declared_words(schema))
    kinds = families([*seen.filled, *(["string"] if seen.kinds.get("blank") else [])])
    unlike = kinds - families(allowed)
    if "integer" in allowed and "number" not in allowed and seen.kinds.get("number"):
        unlike.add("number")
    if unlike:
        words = " or ".join(dict.fromkeys(WORDS[kind] for kind in sorted(unlike)))
        yield Difference(written(path), "type changed", declared_words(schema), words)


def declared_words(schema: Mapping[str, Any]) -> str:
    """Return what a field is by its schema, in words."""
    allowed = [kind for option in _options(schema) for kind in _kinds(option)]
    words = dict.fromkeys(WORDS.get(kind, "anything") for kind in allowed if kind != "null")
    return " or ".join(words) or "anything"


def _options(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for name in ("anyOf", "oneOf"):
        if name in schema:
            for option in schema[name]:
                yield from _options(option)
            return
    yield schema


def _kinds(option: Mapping[str, Any]) -> list[str]:
    kind = option.get("type", "")
    if isinstance(kind, list):
        return kind
    if not kind and ("enum" in option or "const" in option):
        values = option.get("enum", [option.get("const")])
        return ["string"] if all(isinstance(value, str) for value in values) else [""]
    return [kind]
