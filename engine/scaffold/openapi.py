"""From an OpenAPI document to the design of a connector: which request becomes what, and which none."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.fields import Schema
from engine.scaffold.bodies import answer_of, body_of, record_within
from engine.scaffold.design import (
    NAME,
    Design,
    Kind,
    Listing,
    Lookup,
    Sending,
)
from engine.scaffold.lists import (
    cursor_of,
    items_of,
    key_of,
    label_of,
    largest_page,
    paging_of,
)
from engine.scaffold.logins import login_of
from engine.scaffold.names import free, operation_name, plural, sentence, singular, snake, words
from engine.scaffold.requests import ENDING, Asked, LeftOut, key_at_end, requests_of
from engine.scaffold.rows import ROWS, keeps, rows_of
from engine.scaffold.schemas import ReferenceProblem, Schemas
from engine.scaffold.servers import server_of
from engine.scaffold.verbs import places_of, title_of, verb_of
from engine.scaffold.who import Who


def design_of(document: Mapping[str, Any], name: str, title: str = "") -> Design:
    """Return the connector that a document describes, with all that can be made of it."""
    reader = _Reader(document)
    reader.read()
    info = document.get("info")
    info = info if isinstance(info, Mapping) else {}
    base_url, settings = server_of(document)
    login, remarks = login_of(document, reader.schemas, base_url)
    said = " ".join(str(info.get("title") or "").split())
    said = (
        re.sub(
            r"(?i)(\s+(rest|http|web|open))?\s+(api|documentation|docs|reference|specification|v\d[\d.]*)(?=\s|$)",
            "",
            said,
        )[:60].strip()
        or said[:60]
    )
    account, about = reader.who.account(needed=login.kind != "none")
    left_out = [pair for pair in reader.left_out if not account or pair[0] != f"GET {account.path}"]
    return Design(
        name=name,
        title=title or said or name.replace("_", " ").capitalize(),
        summary=sentence(info.get("description")),
        base_url=base_url,
        login=login,
        account=account,
        listings=tuple(reader.listings),
        lookups=tuple(reader.lookups),
        sendings=tuple(reader.sendings),
        settings=settings,
        origin=f"{said or 'an API'} {info.get('version') or ''}".strip() + " (OpenAPI)",
        left_out=tuple(left_out),
        remarks=(*remarks, *about, *reader.remarks),
    )


class _Reader:
    """Goes through the requests thrice: lists first, for the others are told by them."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.schemas = Schemas(document)
        self.listings: list[Listing] = []
        self.lookups: list[Lookup] = []
        self.sendings: list[Sending] = []
        self.left_out: list[tuple[str, str]] = []
        self.remarks: list[str] = []
        self._kinds: dict[str, Kind] = {}
        self._shelves: set[str] = set()
        self._names: set[str] = set()
        self.who = Who()

    def read(self) -> None:
        asked: list[Asked] = []
        for one in requests_of(self.document, self.schemas):
            if isinstance(one, Asked):
                asked.append(one)
            else:
                self.left_out.append(one)
        gets = [one for one in asked if one.method == "get"]
        for stage, requests in (
            (self._list, gets),
            (self._lookup, gets),
            (self._send, [one for one in asked if one.method in ("post", "put", "patch")]),
            (self._delete, [one for one in asked if one.method == "delete"]),
        ):
            for one in requests:
                try:
                    stage(one)
                except (LeftOut, ReferenceProblem) as error:
                    self.left_out.append((one.source, str(error)))

    # -- GET -------------------------------------------------------------------------------------

    def _list(self, asked: Asked) -> None:
        answer, examples = answer_of(asked, self.schemas)
        if answer is None:
            raise LeftOut("it answers nothing")
        found = items_of(answer, asked.last_word)
        if found is None:
            return  # one record, perhaps
        items, item = found
        noun = self._noun(asked, item)
        hint = self._single_key(asked)
        key = key_of(item, noun, hint)
        if not key:
            raise LeftOut("no field tells the records of its list apart")
        query = dict(asked.query)
        paging, paging_names, remark = paging_of(query, answer, key)
        most = None if paging is not None or not remark else largest_page(query)
        if paging is not None and asked.constants:
            raise LeftOut(f"its pages want the header {next(iter(asked.constants))!r} each time")
        cursor = cursor_of(item, query)
        own = {*paging_names, *([cursor[1]] if cursor else []), *([most[0]] if most else [])}
        kind = Kind(
            one=noun,
            many=plural(noun, " ".join(words(asked.last_word))),
            shelf=self._shelf(asked),
            schema=item,
            key=key,
            changed=cursor[0] if cursor else "",
            label=label_of(item, key),
            examples=rows_of(examples, items, item),
            count=min(ROWS, most[1] - 1) if most else ROWS,
        )
        created = bool(cursor and cursor[3])
        listing = Listing(
            name=self._name(f"new_{noun}" if created else f"{noun}_changed"),
            source=asked.source,
            called=asked.called,
            help=sentence(asked.summary),
            path=asked.path,
            kind=kind,
            items=items,
            paging=paging,
            most=most,
            since=cursor[1] if cursor else "",
            since_kind=cursor[2] if cursor else "date-time",
            created=created,
            inputs=tuple(one for one in asked.inputs if one.name not in own),
            constants=asked.constants,
        )
        if remark:
            self.remarks.append(
                f"{listing.name}: only one page is read{' and a full one refused' if most else ''}, "
                f"for {remark}; see `{asked.source}`."
            )
        self._kinds.setdefault("/".join(places_of(asked)), kind)
        self.listings.append(listing)
        self.who.list_seen(asked, items)

    def _lookup(self, asked: Asked) -> None:
        answer, examples = answer_of(asked, self.schemas)
        if answer is None or items_of(answer, asked.last_word) is not None:
            return
        at, record = record_within(answer, singular(asked.last_word))
        if record.get("type") != "object":
            raise LeftOut("it answers neither a list of records nor a record")
        if not asked.ends_in_key:
            self.who.record_seen(asked, at, record)
            raise LeftOut("it answers one thing that isn't looked up by a key")
        if not record.get("properties"):
            raise LeftOut("nothing says which fields its record has")
        kind = self._kinds.get(asked.collection)
        same = kind is not None and set(kind.schema["properties"]) == set(record["properties"])
        noun = kind.one if kind is not None else self._noun(asked, record)
        if kind is None or not same:
            key = key_of(record, noun, asked.ends_in_key) or (kind.key if kind else "")
            if key not in record["properties"]:
                raise LeftOut("no field of its record is the key it is looked up by")
            kind = Kind(
                one=noun,
                many=plural(noun),
                shelf=self._shelf(asked, "in full" if kind else ""),
                schema=record,
                key=key,
                label=label_of(record, key),
                examples=rows_of(examples, at, record),
            )
            if asked.collection not in self._kinds:
                self._kinds[asked.collection] = kind
        fetches = next(
            (one.name for one in self.listings if one.kind is kind and _takes(asked, one)), ""
        )
        self.lookups.append(
            Lookup(
                name=self._name(f"find_{noun}"),
                source=asked.source,
                called=asked.called,
                help=sentence(asked.summary),
                path=asked.path,
                kind=kind,
                inputs=asked.inputs,
                at=at,
                fetches=fetches,
                constants=asked.constants,
            )
        )

    # -- POST, PUT, PATCH ------------------------------------------------------------------------

    def _send(self, asked: Asked) -> None:
        fields, wrap, form, example = body_of(asked, self.schemas)
        answer, _ = answer_of(asked, self.schemas)
        kind = self._kinds.get(asked.collection)
        if answer is not None:
            at, record = record_within(answer, kind.one if kind else singular(asked.last_word))
        else:
            at, record = "", None
        noun = kind.one if kind else self._noun(asked, record or {})
        changes = bool(asked.ends_in_key)
        if asked.method == "put" and not changes:
            kind = None
        inputs = (*asked.inputs, *fields)
        known = record is not None and record.get("type") == "object"
        sending = Sending(
            name=self._name(verb_of(asked, noun, self._in_list(asked))),
            source=asked.source,
            called=asked.called,
            title=title_of(asked, noun, self._in_list(asked)),
            help=sentence(asked.summary, title_of(asked, noun, self._in_list(asked))),
            method=asked.method,  # type: ignore[arg-type]  # no other method comes here
            path=asked.path,
            inputs=inputs,
            noun=noun,
            form=form,
            wrap=wrap,
            answer=record if known else None,
            at=at if known else "",
            changes=changes,
            keyed=asked.keyed and asked.method == "post",
            constants=asked.constants,
            example=example,
        )
        if kind is not None and keeps(sending, kind):
            sending = replace(sending, kind=kind)
        self.sendings.append(sending)

    def _delete(self, asked: Asked) -> None:
        raise LeftOut("it deletes something; write it by hand if a recipe shall do that")

    # -- names -----------------------------------------------------------------------------------

    def _noun(self, asked: Asked, schema: Schema) -> str:
        """Return what one record is called: by the path, or by the name of its schema."""
        by_path = singular(" ".join(words(asked.last_word)) or "record")
        by_schema = " ".join(words(str(schema.get(NAME) or "")))
        return by_schema if by_schema and by_schema.endswith(by_path) else by_path

    def _in_list(self, asked: Asked) -> bool:
        return "/".join(places_of(asked)) in self._kinds

    def _shelf(self, asked: Asked, more: str = "") -> str:
        name = free(snake(f"{asked.last_word} {more}", "records"), self._shelves)
        self._shelves.add(name)
        return name

    def _name(self, wanted: str) -> str:
        name = free(operation_name(wanted), self._names)
        self._names.add(name)
        return name

    def _single_key(self, asked: Asked) -> str:
        """Return the parameter by which one of a list's records is looked up, if it is."""
        base = f"{ENDING.sub('', asked.path).rstrip('/')}/"
        for path in map(str, self.document["paths"]):
            if path.startswith(base) and "/" not in path[len(base) :] and (key := key_at_end(path)):
                return key
        return ""


def _takes(asked: Asked, listing: Listing) -> bool:
    """Say whether all that a lookup needs besides the key is a parameter of the trigger."""
    known = {one.argument for one in listing.inputs}
    others = [one for one in asked.inputs if one.required and one.name != asked.ends_in_key]
    return all(one.argument in known for one in others)
