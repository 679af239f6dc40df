"""The modules ``triggers.py`` and ``actions.py`` of a new connector."""

from collections.abc import Sequence

from engine.scaffold.design import Design, Input, Listing, Lookup, Sending
from engine.scaffold.imports import module
from engine.scaffold.layout import Code, Glued, call, function, group, laid_out, text
from engine.scaffold.names import quoted, sentence, snake
from engine.scaffold.paging_text import paging_code
from engine.scaffold.requests import key_at_end
from engine.scaffold.type_names import Types


class OperationsText:
    """Writes the functions, and defines the types that they name."""

    def __init__(self, design: Design, types: Types) -> None:
        self.design, self.types = design, types

    def triggers(self) -> str:
        parts = []
        fetched = {one.fetches: one for one in self.design.lookups if one.fetches}
        for listing in self.design.listings:
            parts.append(self._trigger(listing))
            if lookup := fetched.get(listing.name):
                parts.append(self._fetch(listing, lookup))
        doc = f"What starts a recipe from {self.design.title}: records that were added or changed."
        return self._module(doc, parts)

    def actions(self) -> str:
        parts = [self._search(one) for one in self.design.lookups]
        parts += [self._action(one) for one in self.design.sendings]
        doc = f"What can be done in {self.design.title}, and what can be looked up."
        return self._module(doc, parts)

    def _module(self, doc: str, parts: Sequence[str]) -> str:
        own = {".": ("answers",), ".fields": self.types.defined}
        return module(quoted(doc), *parts, own=own)

    # -- triggers --------------------------------------------------------------------------------

    def _trigger(self, listing: Listing) -> str:
        kind = listing.kind
        record = self._record(kind.schema, kind.one)
        since: list[Code] = ["since: datetime | None"] if listing.since else []
        fields, defaults = self._parameters(listing.inputs)
        head = function(
            listing.name, ["ctx: Context", *fields, *since, *defaults], f"Iterator[{record}]"
        )
        verb = "was made" if listing.created else "was added or changed"
        about = [f'    """Start with each {kind.one} that {verb}.']
        if not listing.since:
            about += ["", f"    All {kind.many} are read each time; nothing is sent for those that stayed",
                      "    as they are."]  # fmt: skip
            about.append('    """')
        else:
            about[0] += '"""'
        query = [one for one in listing.inputs if one.place == "query"]
        lines = [head, *about]
        params = self._given(query) if query else "{}"
        asked = ""
        if listing.since:
            moment = {
                "date": "since.date().isoformat()",
                "seconds": "int(since.timestamp())",
                "date-time": "since.isoformat()",
            }[listing.since_kind]
            lines.append(laid_out(Glued("sent: dict[str, Any] = ", params), 4))
            lines += [
                "    if since is not None:",
                f"        sent[{text(listing.since)}] = {moment}",
            ]
            asked = "sent"
        elif query:
            lines.append(laid_out(Glued("sent = ", params), 4))
            asked = "sent"
        path = self._path(listing.path, listing.inputs)
        headers = _constants(listing)
        if listing.paging is None or headers is not None:
            lines += self._one_page(listing, path, asked, headers, record)
            return "\n".join(lines)
        pages = call(
            "ctx.http.paginate",
            path,
            items=text(listing.items),
            params=asked or None,
            pagination=paging_code(listing.paging),
        )
        lines.append(laid_out(Glued("for row in ", pages, ":"), 4))
        lines.append(f"        yield cast({record}, row)")
        return "\n".join(lines)

    def _one_page(
        self, listing: Listing, path: Code, asked: str, headers: Code | None, record: str
    ) -> list[str]:
        params: Code | None = asked or None
        most = None
        if listing.most is not None:
            size, most = text(listing.most[0]), str(listing.most[1])
            params = group("{", [*([f"**{asked}"] if asked else []), f"{size}: {most}"], "}")
        get = call("ctx.http.get", path, params=params, headers=headers)
        where = [text(listing.items)] if listing.items else []
        rows = call("answers.rows_of", "reply.json()", *where, most=most)
        return [
            laid_out(Glued("reply = ", get), 4),
            laid_out(Glued("for row in ", rows, ":"), 4),
            f"        yield cast({record}, row)",
        ]

    def _fetch(self, listing: Listing, lookup: Lookup) -> str:
        others = [one for one in lookup.inputs if one.required and one is not _last_key(lookup)]
        fields, _ = self._parameters(others)
        name = fetch_name(self.design, listing)
        head = function(name, ["ctx: Context", "key: str", *fields], "Record | None")
        path = self._path(lookup.path, lookup.inputs, key=_last_key(lookup))
        return "\n".join(
            [
                head,
                f'    """Read one {lookup.kind.one} afresh; None when it is gone."""',
                laid_out(Glued("return ", self._found(lookup, path)), 4),
            ]
        )

    # -- actions ---------------------------------------------------------------------------------

    def _search(self, lookup: Lookup) -> str:
        record = self._record(lookup.kind.schema, lookup.kind.one)
        fields, defaults = self._parameters(lookup.inputs)
        head = function(lookup.name, ["ctx: Context", *fields, *defaults], f"{record} | None")
        path = self._path(lookup.path, lookup.inputs)
        query = [one for one in lookup.inputs if one.place == "query"]
        params = self._given(query) if query else None
        return "\n".join(
            [
                head,
                f'    """{sentence(f"Find one {lookup.kind.one} by its {_key_words(lookup)}")}"""',
                laid_out(Glued("reply = ", self._found(lookup, path, params)), 4),
                f"    return cast({record} | None, reply)",
            ]
        )

    def _found(self, lookup: Lookup, path: Code, params: Code | None = None) -> Code:
        where = [text(lookup.at)] if lookup.at else []
        return call(
            "answers.find_record", "ctx", path, *where, params=params, headers=_constants(lookup)
        )

    def _action(self, sending: Sending) -> str:
        record = self._record(sending.answer, sending.noun)
        fields, defaults = self._parameters(sending.inputs)
        head = function(sending.name, ["ctx: Context", *fields, *defaults], record)
        lines = [head, f'    """{sending.help}"""']
        sends: dict[str, Code] = {}
        if sending.body:
            lines.append(laid_out(Glued("sent = ", self._given(sending.body)), 4))
            wrapped = f"{{{text(sending.wrap)}: sent}}" if sending.wrap else "sent"
            sends["data" if sending.form else "json"] = wrapped
        headers = _constants(sending, keyed=sending.keyed)
        query = [one for one in sending.inputs if one.place == "query"]
        post = call(
            f"ctx.http.{sending.method}",
            self._path(sending.path, sending.inputs),
            **sends,
            params=self._given(query) if query else None,
            headers=headers,
        )
        lines.append(laid_out(Glued("reply = ", post), 4))
        if sending.answer is not None:
            where = [text(sending.at)] if sending.at else []
            answer = call("answers.record_of", "reply.json()", *where)
            if record != "Record":
                answer = call("cast", record, answer)
            lines.append(laid_out(Glued("return ", answer), 4))
            return "\n".join(lines)
        lines.append('    answers.refuse_pages(reply.headers.get("Content-Type", ""))')
        known = [one for one in sending.inputs if one.place == "path"]
        entries = [f"{text(one.argument)}: {one.argument}" for one in known]
        if sending.body:
            entries.append("**sent")
        done = group("{", entries or ['"done": True'], "}")
        lines.append(laid_out(Glued("return ", done), 4))
        return "\n".join(lines)

    # -- parts -----------------------------------------------------------------------------------

    def _record(self, schema: object, hint: str) -> str:
        if not isinstance(schema, dict) or not schema.get("properties"):
            return "Record"
        return self.types.annotation(schema, hint)

    def _parameters(self, inputs: Sequence[Input]) -> tuple[list[Code], list[Code]]:
        """Return the parameters without a default, and those with one."""
        fields: list[Code] = []
        defaults: list[Code] = []
        for one in inputs:
            kind = self.types.field(
                one.schema, one.argument, title=one.title, optional=not one.required
            )
            if one.required:
                fields.append(Glued(f"{one.argument}: ", kind))
            else:
                defaults.append(Glued(f"{one.argument}: ", kind, " = None"))
        return fields, defaults

    def _given(self, inputs: Sequence[Input]) -> Code:
        """Return a map of what was given; what is None wasn't."""
        entries = [f"{text(one.name)}: {one.argument}" for one in inputs]
        if all(one.required for one in inputs):
            return group("{", entries, "}")
        return call("answers.given", group("{", entries, "}"))

    def _path(self, path: str, inputs: Sequence[Input], key: Input | None = None) -> Code:
        parts = [one for one in inputs if one.place == "path"]
        if not parts:
            return text(path)
        for one in parts:
            path = path.replace(f"{{{one.name}}}", f"{{{one.argument}}}")
        named = {one.argument: "key" if one is key else one.argument for one in parts}
        return call("answers.address", text(path), **named)


def fetch_name(design: Design, listing: Listing) -> str:
    """Return what the function is called that reads a trigger's record afresh."""
    alone = sum(one.kind.one == listing.kind.one for one in design.listings) == 1
    return f"fetch_{snake(listing.kind.one) if alone else listing.name}"


def _constants(operation: Listing | Lookup | Sending, *, keyed: bool = False) -> Code | None:
    entries = [f"{text(name)}: {text(value)}" for name, value in operation.constants.items()]
    if keyed:
        entries.append('"Idempotency-Key": ctx.idempotency_key')
    return group("{", entries, "}") if entries else None


def _last_key(lookup: Lookup) -> Input | None:
    """Return the input that the path ends in: the key."""
    last = key_at_end(lookup.path)
    return next((one for one in lookup.inputs if one.name == last), None)


def _key_words(lookup: Lookup) -> str:
    key = _last_key(lookup)
    words = (key.title if key else lookup.kind.key).lower()
    return words.removeprefix(f"{lookup.kind.one} ")
