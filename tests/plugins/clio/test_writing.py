"""Matters, contacts, notes and communications are written in Clio as a recipe says."""

from dataclasses import replace
from typing import Any

import pytest

from engine.calls import call_find, call_single
from engine.context import Context
from engine.errors import InputError
from engine.results import Accepted
from plugins.clio import connector, lookups
from plugins.clio.custom_fields import matter_fields
from plugins.clio.practice import PracticeClio
from tests.plugins.clio.firm import asked
from tests.plugins.line import Row


def call(ctx: Context, name: str, /, **fields: Any) -> Accepted:
    result = call_single(connector.actions[name], ctx, fields)
    assert isinstance(result, Accepted)
    return result


def held(server: PracticeClio, kind: str, id: Any) -> Row:
    return next(row for row in server.records()[kind] if row["id"] == int(id))


def custom(row: Row) -> Row:
    return {value["field_name"]: value["value"] for value in row["custom_field_values"]}


@pytest.fixture
def matter(server: PracticeClio) -> Row:
    return next(m for m in server.records()["matters"][1:] if m["client"])


def test_a_matter_is_made_by_names_alone(ctx: Context, server: PracticeClio, matter: Row) -> None:
    made = call(
        ctx,
        "create_matter",
        client=str(matter["client"]["id"]),
        description="Boundary dispute",
        practice_area="Family",
        stage="demand",
        responsible_attorney="Priya.Raman@harborlaw.example",
        custom_fields={"case number": "CV-9", "Referral source": "radio", "Settled": "no"},
    )
    assert made.created
    assert made.record["status"] == "open"
    row = held(server, "matters", made.target_id)
    assert row["practice_area"]["name"] == "Family"
    assert row["matter_stage"]["name"] == "Demand"
    assert row["matter_stage"]["practice_area_id"] == str(row["practice_area"]["id"])
    assert row["responsible_attorney"]["name"] == "Priya Raman"
    assert custom(row)["Case number"] == "CV-9"
    assert custom(row)["Settled"] is False
    assert not [r for r in server.requests if r["status"] >= 400]


def test_the_same_record_changes_the_matter_it_became(
    ctx: Context, server: PracticeClio, matter: Row
) -> None:
    fields = {"client": str(matter["client"]["id"]), "description": "Boundary dispute"}
    first = call(ctx, "create_matter", **fields)
    again = replace(ctx, target_id=first.target_id)
    second = call(again, "create_matter", **fields | {"description": "Settled dispute"})
    assert (second.target_id, second.created) == (first.target_id, False)
    assert held(server, "matters", first.target_id)["description"] == "Settled dispute"


def test_only_what_is_said_changes_and_null_empties(
    ctx: Context, server: PracticeClio, matter: Row
) -> None:
    before = held(server, "matters", matter["id"])
    changes = {"Case number": "CV-8", "Referral source": None, "Policy limit": 5}
    call(
        ctx,
        "update_matter",
        matter=str(matter["id"]),
        status="closed",
        stage=None,
        custom_fields=changes,
    )
    row = held(server, "matters", matter["id"])
    assert (row["status"], row["matter_stage"]) == ("Closed", None)
    assert row["description"] == before["description"]
    assert custom(row) | changes == custom(row)


def test_what_is_there_already_is_not_sent(ctx: Context, server: PracticeClio, matter: Row) -> None:
    number = custom(matter)["Case number"]
    fields = {"matter": str(matter["id"]), "custom_fields": {"Case number": number}}
    assert not call(ctx, "update_matter", **fields).changed
    assert not [r for r in server.requests if r["method"] == "PATCH"]


def test_names_are_looked_up_once_a_run(ctx: Context, server: PracticeClio, matter: Row) -> None:
    for stage in ("Demand", "Litigation"):
        fields = {"stage": stage, "custom_fields": {"Case number": stage}}
        call(ctx, "update_matter", matter=str(matter["id"]), **fields)
    assert len(asked(server, "matter_stages")) == len(asked(server, "custom_fields")) == 1


def test_a_contact_s_numbers_and_addresses_change_in_place(
    ctx: Context, server: PracticeClio
) -> None:
    made = call(
        ctx,
        "create_contact",
        first_name="Ada",
        last_name="Byron",
        phones={"Mobile": "1", "Home": "2"},
        emails={"Home": "ada@mail.example"},
        addresses={"Home": {"street": "1 Dock Street", "city": "Harbor Point"}},
        custom_fields={"Preferred language": "Español"},
    )
    before = held(server, "contacts", made.target_id)
    assert (made.record["name"], made.record["email"]) == ("Ada Byron", "ada@mail.example")
    call(
        ctx,
        "update_contact",
        contact=str(made.target_id),
        phones={"Mobile": "3", "Home": None, "Work": "4"},
        addresses={"Home": {"street": "2 Dock Street"}},
    )
    after = held(server, "contacts", made.target_id)
    assert [(p["name"], p["number"]) for p in after["phone_numbers"]] == [
        ("Mobile", "3"),
        ("Work", "4"),
    ]
    assert after["phone_numbers"][0]["id"] == before["phone_numbers"][0]["id"]
    (home,) = after["addresses"]
    assert (home["street"], home["city"]) == ("2 Dock Street", "Harbor Point")
    assert after["email_addresses"] == before["email_addresses"]


def test_a_company_and_someone_who_works_there(ctx: Context, server: PracticeClio) -> None:
    firm = call(ctx, "create_contact", type="Company", name="Tideway Ltd")
    person = call(ctx, "create_contact", last_name="Byron", company=str(firm.target_id))
    assert held(server, "contacts", person.target_id)["company"]["name"] == "Tideway Ltd"
    with pytest.raises(InputError, match="has no name"):
        call(ctx, "create_contact", type="Company", last_name="Byron")


def test_notes_are_written_and_changed(ctx: Context, server: PracticeClio, matter: Row) -> None:
    note = call(ctx, "create_note", matter=str(matter["id"]), subject="Call", detail="a")
    assert note.record["author"] == "Dana Whitfield"
    changed = call(ctx, "update_note", note=str(note.target_id), detail="b")
    assert changed.record["detail"] == "b"
    assert not call(ctx, "update_note", note=str(note.target_id), detail="b").changed
    call(ctx, "create_note", contact=str(matter["client"]["id"]), subject="Call")
    for about in ({}, {"matter": "1", "contact": "2"}):
        with pytest.raises(InputError, match="either a matter or a contact"):
            call(ctx, "create_note", subject="Call", **about)


def test_a_call_is_written_down_with_who_spoke(
    ctx: Context, server: PracticeClio, matter: Row
) -> None:
    user = server.records()["users"][0]
    made = call(
        ctx,
        "create_communication",
        matter=str(matter["id"]),
        subject="Call",
        body="Papers are in.",
        received_at="2026-01-31T10:00:00Z",
        from_contact=str(matter["client"]["id"]),
        to_user=str(user["id"]),
    )
    row = held(server, "communications", made.target_id)
    assert [s["name"] for s in row["senders"]] == [matter["client"]["name"]]
    assert [r["type"] for r in row["receivers"]] == ["User"]
    assert row["received_at"] == "2026-01-31T10:00:00Z"


def test_a_repeated_call_is_known_by_its_key_and_not_by_its_words(
    ctx: Context, matter: Row
) -> None:
    fields = {"matter": str(matter["id"]), "subject": "Call", "body": "Same words"}
    action = connector.actions["create_communication"]
    first, second = (replace(ctx, idempotency_key=key) for key in ("one", "two"))
    made = call(first, "create_communication", **fields)
    found = call_find(action, first, fields, ctx.now)
    assert found is not None
    assert found.target_id == made.target_id
    assert call_find(action, second, fields, ctx.now) is None


def test_a_relationship_that_is_there_is_left_alone(
    ctx: Context, server: PracticeClio, matter: Row
) -> None:
    fields = {"matter": str(matter["id"]), "contact": str(matter["client"]["id"])}
    first = call(ctx, "create_relationship", **fields, description="Bookkeeper")
    second = call(ctx, "create_relationship", **fields, description="bookkeeper")
    assert (second.target_id, second.changed) == (first.target_id, False)
    assert sum(r["description"] == "Bookkeeper" for r in server.records()["relationships"]) == 1


def test_pickers_offer_names(ctx: Context) -> None:
    offered = {
        "areas": [option.value for option in lookups.area_options(ctx)],
        "stages": [option.value for option in lookups.stage_options(ctx)],
        "users": [option.value for option in lookups.user_options(ctx)],
        "fields": [option.value for option in matter_fields(ctx)],
    }
    assert offered["areas"] == ["Personal Injury", "Family", "Immigration", "Estate Planning"]
    assert len(offered["stages"]) == len(set(offered["stages"])) == 8
    assert "priya.raman@harborlaw.example" in offered["users"]
    assert "Case number" in offered["fields"]
    assert "Judge (old)" not in offered["fields"]  # deleted in Clio


def test_searches_find_exactly_one(ctx: Context, server: PracticeClio, matter: Row) -> None:
    assert call(ctx, "find_matter", number=matter["display_number"]).record["id"] == matter["id"]
    number = custom(matter)["Case number"]
    found = call(
        ctx, "find_matter_by_custom_field", custom_field="Case number", value=number
    ).record
    assert (found["id"], found["custom_fields"]["Case number"]) == (matter["id"], number)
    contact = matter["client"]
    email = contact["primary_email_address"]
    assert call(ctx, "find_contact", email=email.upper()).record["id"] == contact["id"]
    call(ctx, "update_contact", contact=str(contact["id"]), emails={"Work": "second@work.example"})
    assert call(ctx, "find_contact", email="Second@Work.example").record["id"] == contact["id"]
    stage = call(ctx, "find_stage", name="demand", practice_area="Family").record
    assert (stage["name"], stage["practice_area"]) == ("Demand", "Family")
    assert call_single(connector.actions["find_matter_by_id"], ctx, {"id": "x"}) is None
    with pytest.raises(InputError, match="Clio has 2 matters with the number '2024-0107'"):
        call(ctx, "find_matter", number="2024-0107")


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"stage": "Sleeping"}, "unknown_stage", "stage"),
        ({"practice_area": "Maritime"}, "unknown_practice_area", "practice_area"),
        ({"responsible_attorney": "x@y.example"}, "unknown_user", "responsible_attorney"),
        (
            {"custom_fields": {"Case nummer": "1"}},
            "unknown_custom_field",
            "custom_fields.Case nummer",
        ),
        (
            {"custom_fields": {"Referral source": "TV"}},
            "unknown_choice",
            "custom_fields.Referral source",
        ),
    ],
    ids=["stage", "area", "user", "field", "choice"],
)
def test_a_name_that_clio_does_not_have_is_refused_before_anything_is_sent(
    ctx: Context, server: PracticeClio, matter: Row, fields: Row, code: str, field: str
) -> None:
    with pytest.raises(InputError) as caught:
        call(ctx, "update_matter", matter=str(matter["id"]), **fields)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.hint
    assert not [r for r in server.requests if r["method"] == "PATCH"]
