"""Each thing that is known to go wrong with Clio, in the order of the list that was collected."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from engine.calls import call_single
from engine.context import Context, Kept
from engine.errors import AuthError, InputError, RemoteError
from engine.practice.server import Fault, json_response
from engine.results import Accepted
from plugins.clio import connector, webhooks
from plugins.clio.practice import PracticeClio
from plugins.clio.practice.model import ApiError
from plugins.clio.records import CONTACT, MATTER
from plugins.clio.refusals import explain
from tests.plugins.clio.firm import Open, asked, read
from tests.plugins.line import Clock, Row


def call(ctx: Context, name: str, /, **fields: Any) -> Accepted:
    result = call_single(connector.actions[name], ctx, fields)
    assert isinstance(result, Accepted)
    return result


def customs(server: PracticeClio, id: int) -> Row:
    row = next(m for m in server.records()["matters"] if m["id"] == id)
    return {v["field_name"]: v["value"] for v in row["custom_field_values"]}


def test_1_the_id_of_a_field_is_never_sent_where_its_value_s_id_belongs(
    ctx: Context, server: PracticeClio
) -> None:
    """It is refused, or another field is overwritten."""
    matter = server.records()["matters"][1]
    before = customs(server, matter["id"])
    call(ctx, "update_matter", matter=str(matter["id"]), custom_fields={"Case number": "CV-7"})
    (sent,) = [r["body"]["data"] for r in server.requests if r["method"] == "PATCH"]
    (value,) = sent["custom_field_values"]
    assert value["id"].startswith("text_line-")
    assert customs(server, matter["id"]) == before | {"Case number": "CV-7"}


def test_1_a_field_that_shows_without_a_value_is_added_by_the_field_s_id(
    ctx: Context, server: PracticeClio
) -> None:
    matter = server.records()["matters"][0]
    assert customs(server, matter["id"])["Case number"] is None  # its value's id is null
    call(ctx, "update_matter", matter=str(matter["id"]), custom_fields={"Case number": "CV-7"})
    assert customs(server, matter["id"])["Case number"] == "CV-7"


def test_2_every_field_is_asked_for_custom_fields_too(ctx: Context, server: PracticeClio) -> None:
    """Clio answers id and etag alone where no fields are named."""
    for trigger in connector.triggers:
        (record, *_) = read(ctx, trigger)
        assert len(record) > 5
    matters = {m["id"]: m["custom_fields"] for m in read(ctx, "matter_changed")}
    assert all(m.keys() == next(iter(matters.values())).keys() for m in matters.values())
    known = list(matters.values())[1]
    assert known["Case number"] == "CV-2025-00001"
    assert known["Referral source"] == "Web site"  # the text of a choice, not its id
    assert known["Policy limit"] is None
    assert "Judge (old)" not in known  # its field was deleted in Clio
    assert all("fields" in r["query"] for r in server.requests if r["method"] == "GET")


def test_3_a_token_of_another_region_is_explained(ctx: Context, clock: Clock) -> None:
    request = httpx2.Request("GET", "https://eu.app.clio.com/api/v4/matters.json")
    error = explain(httpx2.Response(401, request=request, json={"error": "invalid_token"}))
    assert isinstance(error, AuthError)
    assert "asks 'eu' (eu.app.clio.com)" in error.hint


@pytest.mark.parametrize("region", ["us", "eu", "ca", "au"])
def test_3_only_the_region_s_own_token_is_taken(connect: Open, clock: Clock, region: Any) -> None:
    here = PracticeClio(clock=clock, region=region)
    other = PracticeClio(clock=clock, region="eu" if region == "us" else "us")
    connect(here)
    here.credentials = other.credentials  # type: ignore[method-assign]  # as a person mixing them up
    with pytest.raises(AuthError):
        connect(here)


def test_4_a_webhook_is_renewed_before_it_runs_out(
    ctx: Context, server: PracticeClio, clock: Clock
) -> None:
    """It lasts three days, or 31 at most, and nothing renews itself."""
    hook = webhooks.subscription_to("matter", MATTER)(ctx, "https://bridgework.example/hook")
    assert hook.expires_at is not None
    assert hook.expires_at - ctx.now == timedelta(days=30)
    clock.now += 29 * 86_400
    later = replace(ctx, now=datetime.fromtimestamp(clock.now, UTC))
    renewed = webhooks.renew(later, hook)
    assert renewed.expires_at is not None
    assert renewed.expires_at - later.now == timedelta(days=30)
    clock.now += 31 * 86_400
    with pytest.raises(InputError) as gone:
        webhooks.renew(replace(ctx, now=datetime.fromtimestamp(clock.now, UTC)), renewed)
    assert gone.value.code == "not_found"  # so that it is made anew


def test_4_what_a_webhook_watches_is_not_too_long() -> None:
    assert len(f"etag,{MATTER.text}") <= 1000
    assert len(f"etag,{CONTACT.text}") <= 1000


def test_5_a_full_read_keeps_to_fifty_requests_a_minute(connect: Open, clock: Clock) -> None:
    server = PracticeClio(clock=clock, requests_per_minute=50, matters=600)
    ctx, begun = connect(server), clock.now
    assert len(read(ctx, "matter_changed")) == 600
    assert {r["status"] for r in server.requests} == {200}
    assert len(server.requests) < 12  # 200 matters take three requests
    assert clock.now - begun < 60


def test_6_the_refresh_token_stays_the_same_as_in_clio_manage(
    ctx: Context, server: PracticeClio
) -> None:
    """Clio Platform's rotate; taking those rules for Manage's loses the connection."""
    for _ in range(2):
        server.oauth.expire_all()
        assert read(ctx, "user_changed")
    assert server.refreshes == 2


# -- beyond the list: what the API documents -------------------------------------------------------


def test_somebody_else_s_change_is_not_overwritten_unseen(
    ctx: Context, server: PracticeClio
) -> None:
    """412: it is read again and tried once more, and only then refused."""
    matter = server.records()["matters"][1]
    fields = {"matter": str(matter["id"]), "custom_fields": {"Case number": "CV-7"}}
    path = f"/api/v4/matters/{matter['id']}.json"
    original, edits = server.update_record, 2

    def edited_first(request: Any, kind: str, id: int) -> Any:
        nonlocal edits
        if edits:
            edits -= 1
            server.edit("matters", str(id), {"location": f"Room {edits}"})
        return original(request, kind, id)

    server.update_record = edited_first  # type: ignore[method-assign]  # a colleague, just in time
    with pytest.raises(InputError) as caught:
        call(ctx, "update_matter", **fields)
    assert caught.value.code == "edited_meanwhile"
    assert [r["status"] for r in asked(server, path)] == [200, 412, 200, 412]
    edits = 1
    call(ctx, "update_matter", **fields)
    assert customs(server, matter["id"])["Case number"] == "CV-7"


def test_a_version_that_is_gone_asks_for_a_newer_bridgework(
    ctx: Context, server: PracticeClio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.clio.practice.access.VERSIONS", ("4.1.0",))
    with pytest.raises(RemoteError) as caught:
        read(ctx, "user_changed")
    assert caught.value.message.startswith("Clio has no version 4.0.9 of its API any more")
    assert "newer version of Bridgework" in caught.value.hint


def vanishing(ctx: Context) -> tuple[Context, list[str]]:
    told: list[str] = []
    return replace(ctx, on_vanished=lambda path, reason: told.append(path)), told


def test_a_field_that_clio_takes_away_is_left_out_and_told(
    ctx: Context, server: PracticeClio
) -> None:
    watched, told = vanishing(ctx)
    read(ctx, "matter_changed")  # a colleague edits one meanwhile, the first time
    before = read(ctx, "matter_changed")
    server.remove_fields("matters.description", "users.email")
    after = read(watched, "matter_changed")
    assert list(dict.fromkeys(told)) == ["description", "responsible_attorney.email"]
    assert len(after) == len(before)
    gone = {"description"}
    assert all(set(old) - set(new) == gone for old, new in zip(before, after, strict=True))
    attorney = next(m for m in after if m["responsible_attorney"])["responsible_attorney"]
    assert attorney.keys() == {"id", "name"}
    trigger = connector.triggers["matter_changed"]
    assert trigger.fetch is not None
    refused = [r for r in server.requests if r["status"] == 400]
    assert trigger.fetch(watched, str(after[0]["id"])) == after[0]
    assert [r for r in server.requests if r["status"] == 400] == refused  # asked without it now
    told.clear()
    call(watched, "find_matter_by_id", id=str(after[0]["id"]))
    assert told == ["description", "responsible_attorney.email"]  # its records lack them as well
    server.remove_fields()
    assert read(replace(ctx, kept=Kept()), "matter_changed") == before


def test_a_field_may_be_gone_from_several_places(ctx: Context, server: PracticeClio) -> None:
    watched, told = vanishing(ctx)
    server.remove_fields("phone_numbers.number", "contacts.first_name")
    matters = read(watched, "matter_changed")
    assert set(told) == {
        "client.first_name",
        "clients[].first_name",
        "client.phones[].number",
        "clients[].phones[].number",
    }
    phones = [phone for m in matters for client in m["clients"] for phone in client["phones"]]
    assert phones
    assert all(phone.keys() == {"name"} for phone in phones)


def test_a_refusal_that_names_no_field_is_understood_all_the_same(
    ctx: Context, server: PracticeClio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ApiError, "response", lambda error: wordless(error.status))
    watched, told = vanishing(ctx)
    server.remove_fields("contacts.title", "addresses")
    records = read(watched, "contact_changed")
    assert "title" in told
    assert {path.partition("[")[0] for path in told} == {"title", "addresses"}
    assert all("title" not in r and "addresses" not in r for r in records)


def wordless(status: int) -> Any:
    return json_response({"error": {"type": "Sorry", "message": "Sorry."}}, status)


def test_without_an_id_there_is_no_record_so_that_is_an_error(
    ctx: Context, server: PracticeClio
) -> None:
    server.remove_fields("users.id")
    with pytest.raises(RemoteError, match="did not understand"):
        read(ctx, "user_changed")


def test_a_field_that_is_missing_in_answers_is_no_crash(ctx: Context, server: PracticeClio) -> None:
    """Clio may take it for known, and yet leave it out."""
    body = '{"data": [{"id": 7, "updated_at": "2026-01-31T10:00:00Z"}], "meta": {"paging": {}}}'
    for trigger in connector.triggers:
        server.faults.append(Fault("/api/", times=1, status=200, body=body))
        (record,) = read(ctx, trigger)
        assert record["id"] == 7


def test_an_app_that_may_not_see_custom_fields_still_reads_matters(
    ctx: Context, server: PracticeClio
) -> None:
    server.faults.append(Fault("/api/v4/custom_fields.json", status=403, body="{}"))
    matters = read(ctx, "matter_changed")
    assert len(matters) == 248
    assert matters[1]["custom_fields"]["Case number"] == "CV-2025-00001"
