"""Members are added and updated: each gets an answer of its own, and its tags."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from engine.calls import call_single
from engine.context import Context
from engine.errors import (
    InputError,
    RemoteError,
)
from engine.practice.server import Fault, json_response, route
from engine.results import Accepted, Rejected, RowResult
from plugins.mailchimp import actions, members
from plugins.mailchimp.actions import Member
from plugins.mailchimp.practice.sample_data import NEWSLETTER
from plugins.mailchimp.practice.server import PracticeMailchimp
from tests.plugins.line import NOON
from tests.plugins.mailchimp.account import CONNECTOR, erase, open_context, upsert


def refusal(result: RowResult) -> Rejected:
    assert isinstance(result, Rejected)
    return result


def member(server: PracticeMailchimp, address: str, audience: str = NEWSLETTER) -> dict[str, Any]:
    found = server.audiences[audience].find(address)
    assert found is not None
    return server.audiences[audience].show(found)


def posts(server: PracticeMailchimp) -> list[dict[str, Any]]:
    return [request for request in server.requests if request["method"] == "POST"]


def test_members_are_added_and_updated_in_one_call(ctx: Context, server: PracticeMailchimp) -> None:
    results = upsert(
        ctx,
        {"email": "eve@mail.example", "first_name": "Eve", "phone": "+12125550177"},
        {"email": "Ada.Byron@mail.example", "last_name": "Lovelace"},
        audience="Newsletter",
    )
    assert [(r.created, r.target_id) for r in results if isinstance(r, Accepted)] == [
        (True, actions.subscriber_hash("eve@mail.example")),
        (False, actions.subscriber_hash("ada.byron@mail.example")),
    ]
    assert member(server, "eve@mail.example")["merge_fields"]["PHONE"] == "+12125550177"
    assert member(server, "ada.byron@mail.example")["full_name"] == "Ada Lovelace"
    assert len(posts(server)) == 1


def test_five_hundred_members_are_one_request_with_an_answer_each(
    ctx: Context, server: PracticeMailchimp
) -> None:
    rows: list[Member] = [{"email": f"Member.{number}@bulk.example"} for number in range(500)]
    results = upsert(ctx, *rows)
    assert [r.record["email_address"] for r in results if isinstance(r, Accepted)] == [
        row["email"] for row in rows
    ]
    assert len(posts(server)) == 1


def test_a_status_is_forced_only_when_the_row_has_one(
    ctx: Context, server: PracticeMailchimp
) -> None:
    results = upsert(
        ctx,
        {"email": "clara.whitcombe@post.example", "first_name": "Clare"},
        {"email": "hassan.rahimi@inbox.example", "status": "pending"},
        {"email": "ada.byron@mail.example", "status": "unsubscribed"},
        {"email": "eve@mail.example"},
        status_if_new="pending",
    )
    assert all(isinstance(result, Accepted) for result in results)
    statuses = [result.record["status"] for result in results if isinstance(result, Accepted)]
    assert statuses == ["unsubscribed", "pending", "unsubscribed", "pending"]
    assert member(server, "clara.whitcombe@post.example")["merge_fields"]["FNAME"] == "Clare"


def test_each_refused_member_is_told_why_and_the_others_are_kept(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.edit("merge_fields", f"{NEWSLETTER}/LNAME", {"required": True})
    erase(server, "esi.boateng@mail.example")
    results = upsert(
        ctx,
        {"email": "eve@mail.example", "last_name": "Holt"},
        {"email": "clara.whitcombe@post.example", "status": "subscribed"},
        {"email": "farah.haidari@gone.example", "status": "subscribed"},
        {"email": "bob@mail.example", "first_name": "Bob"},
        {"email": "b@d@mail.example", "last_name": "Bad"},
        {"email": "asdf@mail.example", "last_name": "Fake"},
        {"email": "esi.boateng@mail.example", "last_name": "Boateng"},
        {"email": "uma.krishnan@inbox.example", "merge_fields": {"BIRTHDAY": "31 Jan"}},
    )
    assert isinstance(results[0], Accepted)
    told = [(refusal(result).code, refusal(result).field) for result in results[1:]]
    assert told == [
        ("compliance_state", "status"),
        ("compliance_state", "status"),
        ("missing_merge_field", "last_name"),
        ("invalid_address", "email"),
        ("fake_address", "email"),
        ("permanently_deleted", "email"),
        ("invalid_merge_field", "merge_fields.BIRTHDAY"),
    ]
    assert all(refusal(result).hint for result in results[1:])
    assert "`pending`" in refusal(results[1]).hint
    assert "skip_required_fields" in refusal(results[3]).hint
    assert refusal(results[3]).reason == (
        "The audience requires 'LNAME', and this member has no value for it."
    )


def test_a_field_that_became_required_overnight_can_be_skipped(
    ctx: Context, server: PracticeMailchimp
) -> None:
    server.edit("merge_fields", f"{NEWSLETTER}/LNAME", {"required": True})
    [refused] = upsert(ctx, {"email": "bob@mail.example"})
    assert refusal(refused).code == "missing_merge_field"
    [accepted] = upsert(ctx, {"email": "bob@mail.example"}, skip_required_fields=True)
    assert isinstance(accepted, Accepted)


@pytest.mark.parametrize(
    ("tag", "value"), [("SHOE", "42"), ("ADDRESS", "1 Pier Road, Boston MA 02110")]
)
def test_a_value_that_mailchimp_drops_without_a_word_is_not_taken_for_saved(
    ctx: Context, tag: str, value: str
) -> None:
    [result] = upsert(ctx, {"email": "eve@mail.example", "merge_fields": {tag: value}})
    assert refusal(result).code == "ignored_merge_field"
    assert refusal(result).field == f"merge_fields.{tag}"
    [empty] = upsert(ctx, {"email": "eve@mail.example", "merge_fields": {tag: ""}})
    assert isinstance(empty, Accepted)  # nothing was lost


def test_the_tag_wins_over_the_field_of_the_same_name(
    ctx: Context, server: PracticeMailchimp
) -> None:
    upsert(ctx, {"email": "e@x.example", "first_name": "Eve", "merge_fields": {"FNAME": "Eva"}})
    assert member(server, "e@x.example")["merge_fields"]["FNAME"] == "Eva"


class Forgetful(PracticeMailchimp):
    """Leaves the last member of a batch out of its reply."""

    @route("POST", "/3.0/lists/<list_id>")
    def batch(self, request: Request, list_id: str) -> Response:
        reply: dict[str, Any] = super().batch(request, list_id=list_id).get_json()
        reply["new_members"].pop()
        return json_response(reply)


def test_a_member_left_out_of_the_reply_is_told_of() -> None:
    ctx = open_context(Forgetful(seed=1))
    kept, lost = upsert(ctx, {"email": "a@x.example"}, {"email": "b@x.example"})
    assert isinstance(kept, Accepted)
    assert refusal(lost).code == "no_answer"


def test_a_reply_of_another_shape_is_one_sentence(ctx: Context, server: PracticeMailchimp) -> None:
    for body in ("[]", "{}", '{"new_members": {}}', "<html>"):
        server.faults.append(Fault(f"/3.0/lists/{NEWSLETTER}", status=200, body=body))
        with pytest.raises(RemoteError):
            upsert(ctx, {"email": "eve@mail.example"})


def test_rows_with_one_address_are_sent_as_one_member_and_all_get_its_answer(
    ctx: Context, server: PracticeMailchimp
) -> None:
    results = upsert(
        ctx,
        {"email": "eve@mail.example", "first_name": "Eve", "last_name": "Holt"},
        {"email": "ada.byron@mail.example"},
        {"email": "EVE@mail.example", "last_name": "Stone", "phone": "+12125550177"},
    )
    assert [r.created for r in results if isinstance(r, Accepted)] == [True, False, False]
    kept = member(server, "eve@mail.example")["merge_fields"]
    assert (kept["FNAME"], kept["LNAME"], kept["PHONE"]) == ("Eve", "Stone", "+12125550177")
    sent = posts(server)[0]["body"]["members"]
    assert [item["email_address"] for item in sent] == [
        "eve@mail.example",
        "ada.byron@mail.example",
    ]


def test_a_refused_address_refuses_all_its_rows(ctx: Context) -> None:
    rows: list[Member] = [
        {"email": "asdf@mail.example"},
        {"email": "ASDF@mail.example"},
    ]
    assert [refusal(result).code for result in upsert(ctx, *rows)] == ["fake_address"] * 2


ROWS = st.lists(
    st.fixed_dictionaries(
        {"email": st.sampled_from(["a@x.example", "A@X.example", "b@x.example", "C@x.example"])},
        optional={
            "status": st.sampled_from(["subscribed", "pending", "transactional"]),
            "first_name": st.sampled_from(["Ann", "Bo", ""]),
            "merge_fields": st.dictionaries(
                st.sampled_from(["FNAME", "LNAME"]), st.sampled_from(["X", "Y", ""])
            ),
        },
    ),
    max_size=8,
)


@settings(max_examples=60)
@given(rows=ROWS)
def test_a_batch_ends_as_if_its_rows_had_been_sent_one_by_one(rows: list[Member]) -> None:
    together, one_by_one = (PracticeMailchimp(1, clock=NOON.timestamp) for _ in range(2))
    batch = upsert(open_context(together), *rows) if rows else []
    ctx = open_context(one_by_one)
    singles = [upsert(ctx, row)[0] for row in rows]

    def held(server: PracticeMailchimp) -> dict[str, Any]:
        return {
            id: (kept.status, kept.merge_fields)
            for id, kept in server.audiences[NEWSLETTER].members.items()
        }

    assert held(together) == held(one_by_one)
    assert [r.created for r in batch if isinstance(r, Accepted)] == [
        r.created for r in singles if isinstance(r, Accepted)
    ]


def test_tags_are_added_whatever_the_capitals_of_the_address(
    ctx: Context, server: PracticeMailchimp
) -> None:
    fields = {
        "audience": "Newsletter",
        "email": "Ada.Byron@Mail.example",
        "tags": ["Client", "2026"],
    }
    for _ in range(2):
        result = call_single(CONNECTOR.actions["add_tags"], ctx, fields)
        assert isinstance(result, Accepted)
        assert result.target_id == member(server, "ada.byron@mail.example")["id"]
    names = [tag["name"] for tag in member(server, "ada.byron@mail.example")["tags"]]
    assert names == ["Founding reader", "Client", "2026"]


def test_a_tag_for_a_stranger_is_refused_with_the_way_out(ctx: Context) -> None:
    with pytest.raises(InputError, match="not a member") as caught:
        members.add_tags(ctx, NEWSLETTER, "eve@mail.example", ["Client"])
    assert (caught.value.code, caught.value.field) == ("not_a_member", "email")
    assert "upsert_members" in caught.value.hint
