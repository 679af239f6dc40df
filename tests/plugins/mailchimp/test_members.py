"""What is done with single members: found, added, tagged, archived, erased, sent on a journey."""

from datetime import timedelta

import pytest
from werkzeug.test import Client

from engine.calls import call_single, read_trigger
from engine.context import Context
from engine.errors import InputError
from engine.results import Accepted
from plugins.mailchimp import members
from plugins.mailchimp.practice.sample_data import CLIENTS, NEWSLETTER
from plugins.mailchimp.practice.server import PracticeMailchimp
from plugins.mailchimp.triggers import member_unsubscribed
from tests.plugins.line import NOON, Clock
from tests.plugins.mailchimp.account import CONNECTOR, upsert

ADA = "ada.byron@mail.example"


def names(server: PracticeMailchimp, email: str, audience: str = NEWSLETTER) -> list[str]:
    member = server.audiences[audience].find(email)
    assert member is not None
    return list(member.tags or {})


def test_tags_are_taken_off_and_others_stay(ctx: Context, server: PracticeMailchimp) -> None:
    members.add_tags(ctx, NEWSLETTER, ADA, ["Client", "2026"])
    members.remove_tags(ctx, NEWSLETTER, ADA, ["2026", "Never there"])
    assert names(server, ADA) == ["Founding reader", "Client"]


def test_tags_may_be_changed_without_starting_automations(
    ctx: Context, server: PracticeMailchimp
) -> None:
    members.add_tags(ctx, NEWSLETTER, ADA, ["Client"], quietly=True)
    members.add_tags(ctx, NEWSLETTER, ADA, ["Client"])
    bodies = [one["body"] for one in server.requests]
    assert [body.get("is_syncing") for body in bodies] == [True, None]


def test_the_tags_of_all_audiences_are_offered(ctx: Context) -> None:
    members.add_tags(ctx, NEWSLETTER, ADA, ["Client"])
    offered = [option.label for option in members.tags(ctx)]
    assert offered == [
        "Founding reader (Newsletter)", "Client (Newsletter)", "Founding reader (Clients)"
    ]  # fmt: skip


def test_a_member_is_found_by_address_whatever_its_status(ctx: Context) -> None:
    assert members.find_member(ctx, NEWSLETTER, "nobody@mail.example") is None
    found = members.find_member(ctx, NEWSLETTER, ADA.upper())
    assert found is not None
    assert found["full_name"] == "Ada Byron"
    assert "_links" not in found
    members.archive_member(ctx, NEWSLETTER, ADA)
    archived = members.find_member(ctx, NEWSLETTER, ADA)
    assert archived is not None
    assert archived["status"] == "archived"


def test_what_is_found_is_said_with_the_audiences_own_fields(ctx: Context) -> None:
    own = members.found_fields(ctx, CLIENTS)["properties"]["merge_fields"]
    assert {"FNAME", "AREA", "MATTERS", "SINCE"} <= own["properties"].keys()
    assert own["properties"]["AREA"]["title"] == "Practice area"


def test_somebody_new_is_added_with_tags_and_fields(
    ctx: Context, server: PracticeMailchimp
) -> None:
    row = {
        "audience": CLIENTS,
        "email": "new@mail.example",
        "first_name": "Nell",
        "merge_fields": {"AREA": "Family", "MATTERS": 2},
        "tags": ["Client"],
    }
    result = call_single(CONNECTOR.actions["add_member"], ctx, row)
    assert isinstance(result, Accepted)
    assert result.record["merge_fields"]["AREA"] == "Family"
    assert names(server, "new@mail.example", CLIENTS) == ["Client"]


def test_whoever_is_a_member_is_not_touched_by_adding(
    ctx: Context, server: PracticeMailchimp
) -> None:
    with pytest.raises(InputError, match="already a member") as caught:
        members.add_member(ctx, NEWSLETTER, ADA, first_name="Other")
    assert caught.value.code == "member_exists"
    found = server.audiences[NEWSLETTER].find(ADA)
    assert found is not None
    assert found.merge_fields["FNAME"] == "Ada"


def test_whether_a_lost_answer_meant_success_can_be_looked_up(ctx: Context) -> None:
    assert members.find_added(ctx, NEWSLETTER, "new@mail.example") is None
    members.add_member(ctx, NEWSLETTER, "new@mail.example")
    assert members.find_added(ctx, NEWSLETTER, "new@mail.example") is not None
    members.archive_member(ctx, NEWSLETTER, "new@mail.example")
    assert members.find_added(ctx, NEWSLETTER, "new@mail.example") is None


def test_an_archived_member_may_come_back_and_an_erased_one_may_not(ctx: Context) -> None:
    members.archive_member(ctx, NEWSLETTER, ADA)
    (back,) = upsert(ctx, {"email": ADA})
    assert isinstance(back, Accepted)
    members.erase_member(ctx, NEWSLETTER, ADA, "erase for good")
    (refused,) = upsert(ctx, {"email": ADA})
    assert getattr(refused, "code", "") == "permanently_deleted"


def test_erasing_needs_the_words() -> None:
    confirm = CONNECTOR.actions["erase_member"].inputs["properties"]["confirm"]
    assert confirm["const"] == members.FOR_GOOD
    assert "confirm" in CONNECTOR.actions["erase_member"].inputs["required"]
    assert "can't be undone" in CONNECTOR.actions["erase_member"].help


def test_a_member_is_sent_on_a_journey(ctx: Context, server: PracticeMailchimp) -> None:
    members.start_journey(ctx, 12, 34, ADA)
    assert server.journeys == [{"journey": 12, "step": 34, "email_address": ADA}]
    with pytest.raises(InputError, match="no such journey and step"):
        members.start_journey(ctx, 12, 34, "nobody@mail.example")


def test_those_who_left_are_told_once_though_they_change_later(
    ctx: Context, server: PracticeMailchimp, clock: Clock
) -> None:
    trigger = CONNECTOR.triggers["member_unsubscribed"]
    assert len(list(read_trigger(trigger, ctx, {"audience": NEWSLETTER}, None))) == 8
    audience = server.audiences[NEWSLETTER]
    away = next(m for m in audience.members.values() if m.status == "unsubscribed")
    clock.now += 60
    client = Client(server)
    for who, changes in ((away.email_address, {"vip": True}), (ADA, {"status": "unsubscribed"})):
        edit = {"kind": "members", "id": f"{NEWSLETTER}/{who}", "changes": changes}
        assert client.post("/_practice/edit", json=edit).status_code == 200
    since = NOON + timedelta(seconds=1)
    told = list(member_unsubscribed(ctx, NEWSLETTER, since))
    assert [member["email_address"] for member in told] == [ADA]
