"""The shape of records: which fields they have and of what kinds. Never a value of them.

Looking must cost next to nothing, for it is done in every run: of each chunk the names of fields are
counted in a few records, spread over it, and their values looked at in fewer. A record of 18 fields
costs 0.7 µs for its names and 20 µs for its values; a chunk of 500 comes to 0.2 µs a record.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.fields import Record

#: A field's place in a record: ``("clients", "[]", "email")``.
Path = tuple[str, ...]
#: Stands for any entry of a list.
ENTRY = "[]"
#: Stands for names that are data themselves, e.g. addresses or ids.
ANY_NAME = "*"
#: Fields that are kept of a shape, levels that are gone down, entries of a list that are looked at.
MOST_FIELDS, DEEPEST, ENTRIES = 400, 5, 3
#: Records of a chunk that are looked at.
NAMED = 50
#: Those of a first chunk whose values are looked at, and not only the names of their fields; so of
#: each later one.
DETAILED, DETAILED_LATER = 20, 4
#: Different sets of names that are counted apart before they are counted name by name.
LAYOUTS = 64
#: Kinds of what is there and empty.
EMPTY_KINDS = frozenset({"null", "blank"})

_KINDS: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "array",
    tuple: "array",
}
_FORMATS = (
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("date-time", re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")),
    ("email", re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")),
    ("uri", re.compile(r"https?://\S+")),
)
_LIKE_DATA = re.compile(r"@|\d{5}|^[\d\W]+$|[0-9a-f]{8}-?[0-9a-f]{4}")


@dataclass(frozen=True)
class Seen:
    """What was seen of one field.

    :param of: how often the record it belongs to was looked at.
    :param present: how often it was there, empty or not.
    :param kinds: how often it was of each kind, where its value was looked at; ``null`` and, of
        empty texts, ``blank`` among them.
    :param formats: of its texts, how often each format fitted; ``""`` where none did.
    """

    of: int = 0
    present: int = 0
    kinds: Mapping[str, int] = field(default_factory=dict)
    formats: Mapping[str, int] = field(default_factory=dict)

    @property
    def always(self) -> bool:
        """Whether no record lacked it."""
        return 0 < self.of == self.present

    @property
    def filled(self) -> Mapping[str, int]:
        """How often it was of each kind, where it wasn't empty."""
        return {kind: count for kind, count in self.kinds.items() if kind not in EMPTY_KINDS}

    @property
    def looked_at(self) -> int:
        return sum(self.kinds.values())

    @property
    def always_filled(self) -> bool:
        return self.always and self.looked_at > 0 and not self.kinds.keys() & EMPTY_KINDS

    def __add__(self, other: "Seen") -> "Seen":
        return Seen(
            self.of + other.of,
            self.present + other.present,
            _sum(self.kinds, other.kinds),
            _sum(self.formats, other.formats),
        )


@dataclass(frozen=True)
class Shape:
    """What was seen of an operation's records.

    :param records: how many were looked at.
    """

    records: int = 0
    fields: Mapping[Path, Seen] = field(default_factory=dict)

    def looked_for(self, path: Path) -> int:
        """Return how often there was a record in which a field could have been seen."""
        seen = self.fields.get(path)
        if seen is not None:
            return seen.of
        if len(path) == 1:
            return self.records
        above = self.fields.get(path[:-1])
        return 0 if above is None else above.kinds.get(_holder(path), 0)


def merged(one: Shape, other: Shape, besides: Iterable[Path] = ()) -> Shape:
    """Return the shape of the records of both; fields beyond a number of them are left out.

    :param besides: fields of which the first shape alone counts, and so of what is within them.
    """
    fields: dict[Path, Seen] = {}
    left = tuple(besides)
    for path in (*one.fields, *(path for path in other.fields if path not in one.fields)):
        if len(fields) >= MOST_FIELDS:
            break
        if left and any(path[: len(above)] == above for above in left):
            if path in one.fields:
                fields[path] = one.fields[path]
            continue
        parts = []
        for shape in (one, other):
            seen = shape.fields.get(path)
            parts.append(Seen(of=shape.looked_for(path)) if seen is None else seen)
        fields[path] = parts[0] + parts[1]
    return Shape(one.records + other.records, fields)


def without(shape: Shape, paths: Iterable[Path]) -> Shape:
    """Return a shape that knows nothing of some fields, nor of what is within them."""
    left = tuple(paths)
    kept = {
        path: seen
        for path, seen in shape.fields.items()
        if not any(path[: len(above)] == above for above in left)
    }
    return Shape(shape.records, kept)


def shape_of(records: Iterable[Record]) -> Shape:
    """Return the shape of records, each looked at whole."""
    gauge = Gauge()
    every = list(records)
    gauge.look(every, named=len(every), detailed=len(every))
    return gauge.shape()


class Gauge:
    """Takes the shape of records as they pass, a chunk at a time."""

    def __init__(self) -> None:
        self.records = 0
        self._layouts: dict[tuple[Any, ...], int] = {}
        self._names: dict[str, int] = {}
        self._within: dict[Path, _Count] = {}

    def look(
        self, records: Sequence[Record], *, named: int = NAMED, detailed: int | None = None
    ) -> None:
        """Look at a chunk.

        :param named: of so many of them, spread over the chunk, the names of fields are counted.
        :param detailed: of so many values are looked at, too; default: fewer after the first chunk.
        """
        if not records:
            return
        if detailed is None:
            detailed = DETAILED_LATER if self.records >= DETAILED else DETAILED
        looked_at = records[:: -(-len(records) // named)]
        self.records += len(looked_at)
        layouts = self._layouts
        for record in looked_at:
            names = tuple(record)
            layouts[names] = layouts.get(names, 0) + 1
        if len(layouts) > LAYOUTS:
            self._count_names()
        for record in records[:: -(-len(records) // detailed)]:
            self._record(record, ())

    def shape(self) -> Shape:
        """Return what was seen so far."""
        self._count_names()
        fields: dict[Path, Seen] = {}
        for name, present in self._names.items():
            count = self._within.get((name,), _Count())
            fields[name,] = Seen(self.records, present, dict(count.kinds), dict(count.formats))
        for path, count in self._within.items():
            if len(path) > 1 and len(fields) < MOST_FIELDS:
                above = self._within.get(path[:-1])
                of = above.kinds.get(_holder(path), 0) if above else 0
                # A list may have many entries, so that an entry is there oftener than its list.
                present = min(sum(count.kinds.values()), of)
                fields[path] = Seen(of, present, dict(count.kinds), dict(count.formats))
        return Shape(self.records, fields)

    def _count_names(self) -> None:
        for names, count in self._layouts.items():
            for name in dict.fromkeys(map(_name, names)):
                if name in self._names or len(self._names) < MOST_FIELDS:
                    self._names[name] = self._names.get(name, 0) + count
        self._layouts.clear()

    def _record(self, record: Mapping[str, Any], above: Path) -> None:
        for key, value in record.items():
            self._value(value, (*above, _name(key)))

    def _value(self, value: Any, path: Path) -> None:
        count = self._within.get(path)
        if count is None:
            if len(self._within) >= MOST_FIELDS:
                return
            count = self._within[path] = _Count()
        kind = _KINDS.get(type(value)) or _kind(value)
        if kind == "string" and not value:
            kind = "blank"
        count.kinds[kind] = count.kinds.get(kind, 0) + 1
        if kind == "string":
            form = _format(value) if isinstance(value, str) else ""
            count.formats[form] = count.formats.get(form, 0) + 1
        elif len(path) >= DEEPEST:
            return
        elif kind == "object":
            self._record(value, path)
        elif kind == "array":
            for entry in value[:ENTRIES]:
                self._value(entry, (*path, ENTRY))


class _Count:
    __slots__ = ("formats", "kinds")

    def __init__(self) -> None:
        self.kinds: dict[str, int] = {}
        self.formats: dict[str, int] = {}


def written(path: Path) -> str:
    """Return a path as recipes write it: ``clients[].email``."""
    return ".".join(path).replace(f".{ENTRY}", ENTRY)


def read_path(text: str) -> Path:
    """Return the path that is written so; none of its names holds a dot."""
    return tuple(part for part in text.replace(ENTRY, f".{ENTRY}").split(".") if part)


def to_json(shape: Shape) -> dict[str, Any]:
    """Return a shape as it is stored."""
    return {
        "records": shape.records,
        "fields": [
            [list(path), seen.of, seen.present, dict(seen.kinds), dict(seen.formats)]
            for path, seen in shape.fields.items()
        ],
    }


def from_json(document: Mapping[str, Any]) -> Shape:
    """Return a shape that was stored."""
    return Shape(
        document["records"],
        {tuple(path): Seen(*counts) for path, *counts in document["fields"]},
    )


def _holder(path: Path) -> str:
    """Return the kind of what a field is in."""
    return "array" if path[-1] == ENTRY else "object"


def _sum(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    return {name: one.get(name, 0) + other.get(name, 0) for name in {**one, **other}}


def _name(key: Any) -> str:
    """Return a field's name, unless it looks like data: that is never kept."""
    name = str(key)
    if not name.isascii() or "\0" in name:  # databases take no halves of characters
        name = name.replace("\0", "").encode("utf-8", "replace").decode()
    return ANY_NAME if len(name) > 80 or _LIKE_DATA.search(name) else name


def _kind(value: Any) -> str:
    for type_, kind in _KINDS.items():
        if isinstance(value, type_):
            return kind
    return "string"  # such as a date: it is sent as text


def _format(text: str) -> str:
    if 6 < len(text) < 300:
        for name, pattern in _FORMATS:
            if pattern.fullmatch(text):
                return name
    return ""
