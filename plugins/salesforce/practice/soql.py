"""A part of SOQL, read as Salesforce reads it: what isn't built is MALFORMED_QUERY.

``SELECT fields FROM object WHERE … ORDER BY … LIMIT … OFFSET …`` with ``=``, ``!=``, ``<``, ``>``,
``LIKE``, ``IN``, ``NOT``, ``AND``, ``OR`` and brackets, dotted names and ``COUNT()``. Not built:
subqueries, ``GROUP BY``, functions, date literals such as ``LAST_MONTH``, ``FIELDS(ALL)``.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plugins.salesforce.practice.answers import Refused

TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\\n]|\\.)*')
      | (?P<moment>\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))?)
      | (?P<number>-?\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)*)
      | (?P<sign><=|>=|!=|<>|[=<>(),])
    )""",
    re.VERBOSE,
)
ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
SIGNS = ("=", "!=", "<>", "<", "<=", ">", ">=")

Value = Callable[[str], Any]
Condition = Callable[[Value], bool]


@dataclass(frozen=True)
class Query:
    """What is asked.

    :param condition: given a function from a field's name to its value.
    :param order: names, with whether they descend.
    :param names: all that the condition names.
    """

    object: str
    fields: tuple[str, ...]
    condition: Condition | None
    order: tuple[tuple[str, bool], ...]
    limit: int | None
    offset: int
    names: tuple[str, ...]

    @property
    def counts(self) -> bool:
        return self.fields == ("COUNT()",)


def parse(text: str) -> Query:
    """Read a query.

    :raises Refused: it isn't one, or one that this server doesn't know.
    """
    return _Reader(text).query()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0
        self._names: list[str] = []

    def query(self) -> Query:
        self._word("SELECT")
        fields = [self._field()]
        while self._sign(","):
            fields.append(self._field())
        self._word("FROM")
        object = self._name()
        condition = self._any_of() if self._maybe("WHERE") else None
        order: list[tuple[str, bool]] = []
        if self._maybe("ORDER"):
            self._word("BY")
            order.append(self._ordered())
            while self._sign(","):
                order.append(self._ordered())
        limit = self._count() if self._maybe("LIMIT") else None
        offset = self._count() if self._maybe("OFFSET") else 0
        if self._at < len(self._tokens):
            raise self._unexpected()
        names = (*self._names, *(name for name, _ in order))
        return Query(object, tuple(fields), condition, tuple(order), limit, offset, names)

    def _field(self) -> str:
        name = self._name()
        if name.upper() == "COUNT" and self._sign("("):
            if not self._sign(")"):
                raise self._unexpected()
            return "COUNT()"
        return name

    def _ordered(self) -> tuple[str, bool]:
        name = self._name()
        descends = self._maybe("DESC")
        if not descends:
            self._maybe("ASC")
        if self._maybe("NULLS") and not (self._maybe("FIRST") or self._maybe("LAST")):
            raise self._unexpected()
        return name, descends

    # -- conditions ----------------------------------------------------------------------------

    def _any_of(self) -> Condition:
        """Read conditions joined by one word; Salesforce takes no mixture without brackets."""
        parts = [self._one()]
        word = next((word for word in ("AND", "OR") if self._next() == word), None)
        while word and self._maybe(word):
            parts.append(self._one())
        if self._next() in ("AND", "OR"):
            raise self._unexpected()
        if len(parts) == 1:
            return parts[0]
        together = all if word == "AND" else any
        return lambda value: together(part(value) for part in parts)

    def _one(self) -> Condition:
        if self._maybe("NOT"):
            denied = self._one()
            return lambda value: not denied(value)
        if self._sign("("):
            inner = self._any_of()
            if not self._sign(")"):
                raise self._unexpected()
            return inner
        name = self._name()
        self._names.append(name)
        if self._maybe("NOT"):
            self._word("IN")
            wanted = self._list()
            return lambda value: not any(_same(value(name), one) for one in wanted)
        if self._maybe("IN"):
            wanted = self._list()
            return lambda value: any(_same(value(name), one) for one in wanted)
        if self._maybe("LIKE"):
            pattern = _like(str(self._literal()))
            return lambda value: bool(pattern.fullmatch(str(value(name) or "")))
        sign = self._any_sign()
        given = self._literal()
        return lambda value: _compare(value(name), sign, given)

    def _list(self) -> list[Any]:
        if not self._sign("("):
            raise self._unexpected()
        found = [self._literal()]
        while self._sign(","):
            found.append(self._literal())
        if not self._sign(")"):
            raise self._unexpected()
        return found

    def _literal(self) -> Any:
        kind, text = self._take()
        match kind:
            case "string":
                return re.sub(r"\\(.)", lambda m: ESCAPED.get(m[1], m[1]), text[1:-1])
            case "number":
                return float(text)
            case "moment":
                return datetime.fromisoformat(text) if "T" in text else text
            case "name" if text.lower() in ("true", "false", "null"):
                return {"true": True, "false": False, "null": None}[text.lower()]
        self._at -= 1
        raise self._unexpected()

    # -- tokens --------------------------------------------------------------------------------

    def _take(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise self._unexpected()
        self._at += 1
        return self._tokens[self._at - 1]

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            return ""
        kind, text = self._tokens[self._at]
        return text.upper() if kind == "name" else ""

    def _maybe(self, word: str) -> bool:
        found = self._next() == word
        self._at += found
        return found

    def _word(self, word: str) -> None:
        if not self._maybe(word):
            raise self._unexpected()

    def _sign(self, sign: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == ("sign", sign)
        self._at += found
        return found

    def _any_sign(self) -> str:
        kind, text = self._take()
        if kind != "sign" or text not in SIGNS:
            self._at -= 1
            raise self._unexpected()
        return text

    def _name(self) -> str:
        kind, text = self._take()
        if kind != "name":
            self._at -= 1
            raise self._unexpected()
        return text

    def _count(self) -> int:
        kind, text = self._take()
        if kind != "number" or not text.isdigit():
            self._at -= 1
            raise self._unexpected()
        return int(text)

    def _unexpected(self) -> Refused:
        at = self._tokens[self._at][1] if self._at < len(self._tokens) else "<EOF>"
        return malformed(f"unexpected token: '{at}'")


def malformed(why: str) -> Refused:
    return Refused(400, "MALFORMED_QUERY", why)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at, text = 0, text.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise malformed(f"unexpected token: '{text[at : at + 10].strip()}'")
        yield str(found.lastgroup), found[str(found.lastgroup)]
        at = found.end()


def _like(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    signs = {"%": ".*", "_": "."}
    joined = "".join(signs.get(part) or re.escape(part.removeprefix("\\")) for part in parts)
    return re.compile(joined, re.IGNORECASE | re.DOTALL)


def _same(held: Any, given: Any) -> bool:
    if isinstance(held, str) and isinstance(given, str):
        return held.casefold() == given.casefold()
    return bool(held == given) and isinstance(held, bool) == isinstance(given, bool)


def _compare(held: Any, sign: str, given: Any) -> bool:
    if isinstance(given, datetime) and isinstance(held, str):
        held = datetime.fromisoformat(held)
    if sign == "=":
        return _same(held, given)
    if sign in ("!=", "<>"):
        return not _same(held, given)
    if held is None or given is None:
        return False
    try:
        less, equal = held < given, held == given
    except TypeError:
        raise malformed("the value is of another type than the field") from None
    verdicts = {"<": less, "<=": less or equal, ">": not less and not equal, ">=": not less}
    return bool(verdicts[sign])
