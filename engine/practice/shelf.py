"""Practice servers made of shelves: records of one kind, listed in pages, found, added and changed.

``bridgework connectors new`` writes such servers; a connector written by hand may use them, too.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from engine.documents import dig
from engine.fields import Record, Schema
from engine.pagination import LastId, NextLink, NextToken, Offset, PageNumber, Pagination
from engine.practice.server import PracticeServer, json_response

#: Records of a page where the server may choose: few, so that there is more than one page.
PAGE_SIZE = 5
#: The query parameter that addresses of next pages have.
AFTER = "after"


@dataclass
class Shelf:
    """The records of one kind that a practice server keeps.

    :param rows: what stands there.
    :param key: the field that tells them apart.
    :param changed: the field that says when one changed; it is set where the server changes one.
    :param required: fields that every record has; a new one takes what it wasn't given of them
        from the first.
    """

    rows: list[Record]
    key: str = "id"
    changed: str | None = None
    required: Sequence[str] = ()

    def find(self, key: str) -> Record | None:
        return next((row for row in self.rows if str(row.get(self.key)) == key), None)

    def chosen(self, query: Mapping[str, str], filters: Sequence[str], since: str) -> list[Record]:
        """Return the records a query asks for, those that changed last at the end.

        :param filters: fields that the query may ask for by their value.
        :param since: the name of the query's "changed since"; may be empty.
        """
        rows = self.rows
        for name in filters:
            if name in query:
                rows = [row for row in rows if _plain(row.get(name)) == query[name]]
        if self.changed is None:
            return list(rows)
        name = self.changed
        if begin := query.get(since):
            rows = [row for row in rows if _moment(row.get(name)) >= _moment(begin)]
        return sorted(rows, key=lambda row: _moment(row.get(name)))

    def add(self, values: Mapping[str, Any], now: datetime) -> Record:
        """Put a new record at the end; return it."""
        first = self.rows[0] if self.rows else {}
        row = {name: deepcopy(first[name]) for name in self.required if name in first}
        if self.changed in first:
            row[self.changed] = _written(now)
        row |= deepcopy(dict(values))
        if self.key not in values:
            row[self.key] = self._new_key()
        self.rows.append(row)
        return row

    def change(self, key: str, values: Mapping[str, Any], now: datetime) -> Record | None:
        """Change fields of a record; return it, or None when there is none."""
        row = self.find(key)
        if row is not None:
            row.update(deepcopy({n: v for n, v in values.items() if n != self.key}))
            if self.changed is not None:
                row[self.changed] = _written(now)
        return row

    def _new_key(self) -> Any:
        last = self.rows[-1].get(self.key) if self.rows else 0
        if isinstance(last, int):
            return max(row[self.key] for row in self.rows if isinstance(row.get(self.key), int)) + 1
        found = re.fullmatch(r"(.*?)(\d+)", str(last), re.DOTALL)
        begin, number = (found[1], int(found[2])) if found else (f"{last}-", 0)
        while self.find(f"{begin}{number}") is not None:
            number += 1
        return f"{begin}{number}"


class ShelfServer(PracticeServer):
    """A practice server whose answers are records on shelves, checked against JSON Schemas.

    :param shelves: by the kind of their records; its ``/_practice/records`` shows them.
    """

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        *,
        shelves: Mapping[str, Shelf],
    ) -> None:
        super().__init__(seed, clock)
        self.shelves = dict(shelves)
        self._done: dict[str, Response] = {}

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {kind: shelf.rows for kind, shelf in self.shelves.items()}

    def edit(self, kind: str, id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        row = self.shelves[kind].change(id, changes, self.now())
        if row is None:
            raise KeyError(id)
        return row

    # -- answers ---------------------------------------------------------------------------------

    def listed(
        self,
        request: Request,
        kind: str,
        *,
        items: str = "",
        paging: Pagination | None = None,
        filters: Sequence[str] = (),
        since: str = "",
    ) -> Response:
        """Answer a page of a shelf's records.

        :param items: the dotted path of the list in the answer; empty: the answer is the list.
        :param paging: as the connector reads it; None answers everything at once.
        :param filters: query parameters that are names of fields.
        :param since: the query parameter that asks for what changed since a time.
        """
        try:
            rows = self.shelves[kind].chosen(request.args, filters, since)
            return json_response(_page(rows, request, paging, items))
        except ValueError as error:
            return json_response({"error": f"The query makes no sense: {error}"}, 400)

    def one(self, request: Request, kind: str, key: str, *, at: str = "") -> Response:
        """Answer one record, within the answer at the dotted path ``at``."""
        row = self.shelves[kind].find(key)
        return self.not_found(request) if row is None else json_response(_within(at, row))

    def added(
        self, request: Request, kind: str, body: Schema, *, wrap: str = "", at: str = ""
    ) -> Response:
        """Put what a request brings on a shelf and answer it.

        :param body: the schema of what is sent.
        :param wrap: the name it stands under in what is sent; may be empty.
        """
        return self._do(
            request,
            body,
            wrap,
            lambda sent: json_response(
                _within(at, self.shelves[kind].add(sent, self.now())), status=201
            ),
        )

    def changed(
        self, request: Request, kind: str, key: str, body: Schema, *, wrap: str = "", at: str = ""
    ) -> Response:
        """Change a record by what a request brings, and answer it."""

        def change(sent: Record) -> Response:
            row = self.shelves[kind].change(key, sent, self.now())
            return self.not_found(request) if row is None else json_response(_within(at, row))

        return self._do(request, body, wrap, change)

    def answered(self, request: Request, body: Schema | None, answer: Any) -> Response:
        """Check what a request brings, and answer always the same; None: status 204."""
        return self._do(
            request,
            body,
            "",
            lambda sent: Response(status=204) if answer is None else json_response(answer),
        )

    def _do(
        self,
        request: Request,
        schema: Schema | None,
        wrap: str,
        act: Callable[[Record], Response],
    ) -> Response:
        sent: Any = {}
        if schema is not None:
            form = request.mimetype == "application/x-www-form-urlencoded"
            sent = _of_form(request.form, schema) if form else request.get_json(silent=True)
            problem = _problem(sent, schema)
            if problem is not None:
                return json_response(problem, 422)
        key = request.headers.get("Idempotency-Key", "")
        if key and key in self._done:
            return self._done[key]
        answer = act(sent[wrap] if wrap else sent)
        if key and answer.status_code < 400:
            self._done[key] = answer
        return answer


# -- pages -----------------------------------------------------------------------------------------


def _page(rows: list[Record], request: Request, way: Pagination | None, items: str) -> Any:
    if way is None:
        return _within(items, rows)
    asked = int(request.args.get(way.size_param or "", PAGE_SIZE))
    match way:
        case Offset():
            begin, size = int(request.args.get(way.param, 0)), asked
        case PageNumber():
            size = asked
            begin = (int(request.args.get(way.param, way.first)) - way.first) * size
        case LastId():
            size = min(asked, PAGE_SIZE) if way.more else asked
            ids = [str(dig(row, way.id)) for row in rows]
            after = request.args.get(way.param)
            begin = ids.index(after) + 1 if after else 0
        case NextToken():
            begin, size = int(request.args.get(way.param) or 0), min(asked, PAGE_SIZE)
        case NextLink():
            begin, size = int(request.args.get(AFTER) or 0), min(asked, PAGE_SIZE)
    begin, size = max(begin, 0), max(size, 1)
    answer = _within(items, rows[begin : begin + size])
    more = begin + size < len(rows)
    if isinstance(way, LastId) and way.more:
        _put(answer, way.more, more)
    elif isinstance(way, Offset) and way.total:
        _put(answer, way.total, len(rows))
    elif isinstance(way, NextToken):
        _put(answer, way.path, str(begin + size) if more else None)
    elif isinstance(way, NextLink):
        query = urlencode({**request.args.to_dict(), AFTER: begin + size})
        _put(answer, way.path, f"{request.base_url}?{query}" if more else None)
    return answer


def _within(path: str, value: Any) -> Any:
    if not path:
        return value
    answer: dict[str, Any] = {}
    _put(answer, path, value)
    return answer


def _put(answer: dict[str, Any], path: str, value: Any) -> None:
    *outer, last = path.split(".")
    for name in outer:
        answer = answer.setdefault(name, {})
    answer[last] = value


# -- values ----------------------------------------------------------------------------------------


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _moment(value: Any) -> datetime:
    text = str(value)
    if text.isdecimal():
        return datetime.fromtimestamp(int(text), UTC)
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _problem(sent: Any, schema: Schema) -> Record | None:
    """Return how what was sent breaks its schema, and where."""
    import jsonschema  # here, because no run needs it and it takes 0.08 s to import

    errors = jsonschema.Draft202012Validator(schema).iter_errors(sent)
    worst = jsonschema.exceptions.best_match(errors)
    if worst is None:
        return None
    message = worst.message if len(worst.message) < 200 else f"… {worst.message[-60:]}"
    return {"error": message, "field": worst.json_path.removeprefix("$").lstrip(".")}


def _of_form(form: Mapping[str, str], schema: Schema) -> Record:
    """Return a form's texts as the kinds of value that they are meant to be."""
    sent: Record = {}
    for name, text in form.items():
        kind = schema.get("properties", {}).get(name, {}).get("type")
        if kind in ("integer", "number") and text.lstrip("-").replace(".", "", 1).isdecimal():
            sent[name] = int(text) if kind == "integer" and "." not in text else float(text)
        elif kind == "boolean" and text in ("true", "false"):
            sent[name] = text == "true"
        else:
            sent[name] = text
    return sent
