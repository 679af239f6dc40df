"""What becomes of a description: triggers, searches, actions, and what is left out and why."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.pagination import LastId, NextLink, NextToken, Offset, PageNumber
from engine.scaffold.design import Design, Listing
from engine.scaffold.openapi import design_of
from engine.scaffold.picking import picked
from engine.scaffold.writing import files_of
from tests.engine.scaffold.apis import LIMIT, answer, api
from tests.engine.scaffold.written import designs


def made(name: str) -> Design:
    return next(design for design in designs() if design.name == name)


def listing(**paths: Any) -> Listing:
    (found,) = design_of({**api(), "paths": paths}, "x").listings
    return found


def listed(item: dict[str, Any], *parameters: dict[str, Any], **rest: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"data": {"type": "array", "items": item}, **rest}}
    return {"get": {"parameters": list(parameters), "responses": answer(schema)}}


def item(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"id": {"type": "integer"}, **properties}}


def query(name: str, **schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema or {"type": "string"}}


def test_each_request_becomes_what_it_is_good_for() -> None:
    design = made("contactbook")
    assert [one.name for one in design.listings] == ["contact_changed", "note_changed"]
    assert [one.name for one in design.lookups] == ["find_contact"]
    assert [one.name for one in design.sendings] == [
        "create_contact",
        "update_contact",
        "create_note",
    ]
    assert design.left_out == (
        (
            "DELETE /contacts/{contactId}",
            "it deletes something; write it by hand if a recipe shall do that",
        ),
    )
    assert design.account is not None
    assert (design.account.path, design.account.label) == ("/me", "email")


def test_a_list_tells_its_key_its_cursor_and_its_pages() -> None:
    contact = made("contactbook").listings[0]
    assert (contact.items, contact.kind.key, contact.kind.changed) == ("data", "id", "updated_at")
    assert contact.since == "updated_since"
    assert contact.paging == NextToken(
        path="next_page_token", param="page_token", size_param="limit", size=50
    )
    assert [one.name for one in contact.inputs] == ["status"]
    assert made("contactbook").lookups[0].fetches == "contact_changed"


@pytest.mark.parametrize(
    ("parameters", "rest", "paging"),
    [
        ([LIMIT, query("skip")], {}, Offset(param="skip", size_param="limit", size=3)),
        # Where nobody knows how long a page is, only an empty one ends the list.
        ([query("offset"), query("limit")], {}, Offset(param="offset", size_param="", size=1)),
        ([query("page", type="integer")], {}, PageNumber(size_param=None, size=1)),
        (
            [query("page"), query("per_page", type="integer", default=25)],
            {},
            PageNumber(param="page", size_param="per_page", size=25),
        ),
        ([], {"next": {"type": "string", "format": "uri"}}, NextLink(path="next")),
        (
            [query("page_token")],
            {"next_page_token": {"type": "string"}},
            NextToken(path="next_page_token", param="page_token"),
        ),
        ([query("starting_after")], {}, LastId(size_param=None, size=1)),
        ([query("max_id")], {}, None),
        ([], {}, None),
    ],
    ids=["skip", "offset", "page", "per_page", "link", "token", "last id", "unknown", "none"],
)
def test_ways_of_paging_are_recognised(
    parameters: list[dict[str, Any]], rest: dict[str, Any], paging: object
) -> None:
    assert listing(**{"/notes": listed(item(), *parameters, **rest)}).paging == paging


def test_a_list_whose_pages_are_not_understood_is_told_of() -> None:
    design = design_of({**api(), "paths": {"/notes": listed(item(), query("max_id"))}}, "x")
    assert any("note_changed: only one page is read" in remark for remark in design.remarks)


def test_a_page_that_may_not_be_the_last_is_refused_and_nothing_lost_silently() -> None:
    whole = [query("max_id"), query("limit", type="integer", maximum=50)]
    one = listing(**{"/notes": listed(item(), *whole)})
    assert one.most == ("limit", 50)
    text = files_of(design_of({**api(), "paths": {"/notes": listed(item(), *whole)}}, "x"))
    assert '"limit": 50}' in text["triggers.py"]
    assert 'answers.rows_of(reply.json(), "data", most=50)' in text["triggers.py"]
    assert "if most and len(found) >= most:" in text["answers.py"]


def test_a_record_with_a_list_of_its_own_is_no_list() -> None:
    order = item(lines={"type": "array", "items": item()})
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paths = {
        "/orders": listed(order),
        "/orders/{id}": {"parameters": [key], "get": {"responses": answer(order)}},
    }
    design = design_of({**api(), "paths": paths}, "x")
    assert [one.name for one in design.operations] == ["order_changed", "find_order"]
    assert design.lookups[0].fetches == "order_changed"
    assert design.left_out == ()


def test_paths_may_end_in_the_form_of_the_answer() -> None:
    paths = api()["paths"]
    by_ending = {
        "/things.json": paths["/things"],
        "/things/{thing-id}.json": paths["/things/{thing-id}"],
    }
    design = design_of({**api(), "paths": by_ending}, "x")
    assert [one.name for one in design.operations] == [
        "thing_changed",
        "find_thing",
        "create_thing",
        "replace_thing",
    ]
    assert design.lookups[0].fetches == "thing_changed"


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("Note#create", "create_note"),
        ("notes.create", "create_note"),
        ("createNote", "create_note"),
        ("create_note_notes_post", "create_note"),
        ("sendNote", "send_note"),
        ("", "create_note"),
    ],
)
def test_actions_are_called_by_a_verb_and_a_noun(called: str, name: str) -> None:
    post = {
        "operationId": called,
        "requestBody": {"content": {"application/json": {"schema": item()}}},
        "responses": answer(item()),
    }
    design = design_of({**api(), "paths": {"/notes": {**listed(item()), "post": post}}}, "x")
    assert [one.name for one in design.sendings] == [name]


@pytest.mark.parametrize(
    ("field", "parameter", "found"),
    [
        ("updatedAt", "updatedSince", ("updatedAt", "updatedSince")),
        ("modified", "modified_after", ("modified", "modified_after")),
        ("last_changed", "since_last_changed", ("last_changed", "since_last_changed")),
        ("updated_at", "updated_at[gte]", ("updated_at", "updated_at[gte]")),
        ("created_at", "created_after", ("created_at", "created_after")),
        ("updated_at", "created_after", ("", "")),
        ("updated_at", "since", ("updated_at", "since")),
        ("name", "since", ("", "")),
    ],
)
def test_cursors_are_recognised_with_the_parameter_that_asks_by_them(
    field: str, parameter: str, found: tuple[str, str]
) -> None:
    moment = {"type": "string", "format": "date-time"}
    one = listing(**{"/notes": listed(item(**{field: moment}), query(parameter, **moment))})
    assert (one.kind.changed, one.since) == found


def test_what_was_only_made_is_new_and_not_changed() -> None:
    moment = {"type": "string", "format": "date-time"}
    one = listing(**{"/notes": listed(item(created_at=moment), query("created_after", **moment))})
    assert (one.name, one.title) == ("new_note", "New note")


def test_names_that_python_or_the_engine_needs_are_changed() -> None:
    design = made("basic_offset")
    (create, _, _, form) = design.sendings
    assert [one.argument for one in create.body][2:5] == ["class_", "unit_price", "updated_at"]
    assert create.body[6].argument == "grosse"
    assert [one.argument for one in form.body] == ["count", "urgent", "answer"]


def test_what_is_only_read_is_not_sent() -> None:
    contact = made("contactbook")
    assert "id" not in {one.name for one in contact.sendings[0].body}
    assert "id" in contact.listings[0].kind.schema["properties"]


def test_an_idempotency_key_is_sent_where_it_is_taken() -> None:
    keyed = {one.name: one.keyed for one in made("basic_offset").sendings}
    assert keyed["create_thing"]
    assert not keyed["replace_thing"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"deprecated": True}, "it is deprecated"),
        (
            {"requestBody": {"content": {"multipart/form-data": {}}}},
            "it sends multipart/form-data, not JSON",
        ),
        (
            {
                "requestBody": {
                    "content": {"application/json": {"schema": {"type": "array", "items": {}}}}
                }
            },
            "it sends a list of things at once",
        ),
        (
            {"parameters": [{"name": "X-Team", "in": "header", "required": True}]},
            "it needs the header 'X-Team', which has no value of its own",
        ),
        (
            {"parameters": [{"name": "sid", "in": "cookie", "required": True}]},
            "it needs the cookie 'sid'",
        ),
        (
            {"responses": {"200": {"content": {"application/pdf": {}}}}},
            "it answers application/pdf, not JSON",
        ),
        (
            {"parameters": [{"$ref": "other.yaml#/x"}]},
            "'other.yaml#/x' is in another file",
        ),
        ({"parameters": [{"$ref": "#/nowhere"}]}, "'#/nowhere' leads nowhere"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_turned_is_said(change: dict[str, Any], reason: str) -> None:
    sent = {"requestBody": {"content": {"application/json": {"schema": item()}}}, "responses": {}}
    design = design_of({**api(), "paths": {"/notes": {"post": {**sent, **change}}}}, "x")
    assert design.left_out == (("POST /notes", reason),)
    assert design.operations == ()


def test_operations_are_picked_by_any_of_their_names() -> None:
    design = made("contactbook")
    for name in ("create_contact", "createContact", "post /contacts"):
        assert [one.name for one in picked(design, [name]).operations] == ["create_contact"]
    alone = picked(design, ["find_contact"])
    assert alone.lookups[0].fetches == ""


def test_hundreds_of_operations_are_no_matter() -> None:
    paths = {f"/things{n}": {"get": api()["paths"]["/things"]["get"]} for n in range(150)}
    design = design_of({**api(), "paths": paths}, "many")
    assert len(design.listings) == 150
    text = files_of(design)["__init__.py"]
    assert text.count("connector.trigger(") == 150
    compile(text, "", "exec")


HOSTILE: dict[str, Callable[[], Any]] = {
    "numbers for names": lambda: {"/1": {"get": {"operationId": 7, "summary": 3.5}}},
    "lists for maps": lambda: {"/a": [], "/b": {"get": [], "post": {"responses": []}}},
    "nothing": lambda: {"/a": None, "/b": {"get": None}},
    "a schema in itself": lambda: {"/a": listed({"allOf": [{"$ref": "#/components/schemas/Loop"}]})},
    "quotes": lambda: {'/a"""\\': listed(item(**{'"""\\n': {"type": "string", "enum": ['"""', "\\"]}}))},
    "not a word": lambda: {"/☃/{☃}": {"get": {"responses": answer(item(**{"☃": {}, "": {}}))}}},
    "bounds that are none": lambda: {
        "/a": listed(item(n={"type": "integer", "minimum": "x", "maximum": None, "enum": [{}, []]}))
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_odd_descriptions_never_break_it(kind: str) -> None:
    document = {**api(), "paths": HOSTILE[kind]()}
    document["components"]["schemas"]["Loop"] = {"allOf": [{"$ref": "#/components/schemas/Loop"}]}
    design = design_of(json.loads(json.dumps(document)), "odd")
    if design.operations:
        for name, text in files_of(design).items():
            if name.endswith(".py"):
                compile(text, name, "exec")
