"""What goes wrong with Salesforce in practice, one test each; the names quote the fact sheet's list."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from engine.context import Context
from engine.errors import AuthError, BusyError
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import add_connection, new_connection
from engine.http.sessions import open_session
from engine.store.connections import get_connection, save_connection
from engine.store.database import Store
from plugins.salesforce import connector
from plugins.salesforce.practice import PracticeSalesforce
from plugins.salesforce.refusals import ended
from tests.plugins.line import NOON, Clock
from tests.plugins.salesforce.organization import (
    BASE,
    BY_CLIO_ID,
    asked,
    codes,
    line_to,
    read,
    row,
    send,
)


def connected(server: PracticeSalesforce, store: Store) -> httpx2.WSGITransport:
    given = {**server.credentials(), **BASE}
    save_connection(store, new_connection(connector, "salesforce", given, practice=True))
    return httpx2.WSGITransport(app=server)


def organization(store: Store, line: Any, clock: Clock) -> str:
    stored = get_connection(store, "salesforce")
    with open_session(connector, stored, store=store, transport=line, clock=clock) as session:
        return str(HttpClient(session).get("/").json()["identity"])


def test_a_rotated_refresh_token_not_stored_works_once(
    server: PracticeSalesforce, clock: Clock, store: Store
) -> None:
    """tap-salesforce#223, airbyte#80783: a week of renewals, each in a session of its own."""
    line = connected(server, store)
    seen = set()
    for _ in range(7):
        clock.now += 86_400
        assert organization(store, line, clock)
        seen.add((get_connection(store, "salesforce").tokens or {})["refresh_token"])
    assert (server.access.refreshes, len(seen)) == (7, 7)


def test_two_workers_refresh_at_once_and_reuse_revokes_everything(
    server: PracticeSalesforce, clock: Clock, store: Store
) -> None:
    """Four that are refused at the same moment use the refresh token once, and all go on."""
    line = connected(server, store)
    server.access.expire_all()
    meet, said = threading.Barrier(4), []

    def work() -> None:
        meet.wait(10)
        said.append(organization(store, line, clock))

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    assert len(said) == 4
    assert server.access.refreshes == 1
    assert organization(store, line, clock)


def test_a_refresh_token_used_elsewhere_is_told_as_what_it_is(
    server: PracticeSalesforce, clock: Clock, store: Store
) -> None:
    """Somebody with a copy of the token: Salesforce revokes all, and a person must connect again."""
    line = connected(server, store)
    old = get_connection(store, "salesforce").tokens or {}
    form = {"grant_type": "refresh_token", "refresh_token": str(old["refresh_token"])}
    server.access.token(form, (server.access.client_id, server.access.client_secret), "")
    server.access.expire_all()
    with pytest.raises(AuthError, match="refused to give access: token validity expired"):
        organization(store, line, clock)


def test_there_is_no_expires_in(server: PracticeSalesforce, clock: Clock, store: Store) -> None:
    """nango#327: nothing is renewed ahead on a guess, and the refusal alone says when."""
    line = connected(server, store)
    clock.now += 7000
    organization(store, line, clock)
    assert server.access.refreshes == 0
    clock.now += 7300
    organization(store, line, clock)
    assert server.access.refreshes == 1
    tokens = get_connection(store, "salesforce").tokens or {}
    assert "expires_at" not in tokens


def test_dedupe_by_id_alone_lets_updates_fire_once_only(
    ctx: Context, server: PracticeSalesforce, clock: Clock
) -> None:
    """n8n#21028: a changed record bears another `SystemModstamp`, which is the trigger's cursor."""
    trigger = connector.triggers["record_changed"]
    before = {(one["Id"], one[str(trigger.cursor)]) for one in read(ctx, "contact_changed")}
    for title in ("A", "B"):
        clock.now += 60
        server.edit("Contact", "003Pr0000000005AAA", {"Title": title})
        after = {(one["Id"], one[str(trigger.cursor)]) for one in read(ctx, "contact_changed")}
        assert len(after - before) == 1
        before = after


def test_created_fires_again_on_edits(
    ctx: Context, server: PracticeSalesforce, clock: Clock
) -> None:
    """n8n PR 30809: an edit leaves `CreatedDate`, the cursor of what is new, as it was."""
    assert connector.triggers["lead_created"].cursor == "CreatedDate"
    before = {(one["Id"], one["CreatedDate"]) for one in read(ctx, "lead_created")}
    clock.now += 60
    for id, _ in before:
        server.edit("Lead", id, {"Title": "Edited"})
    assert {(one["Id"], one["CreatedDate"]) for one in read(ctx, "lead_created")} == before
    assert read(ctx, "lead_created", NOON - timedelta(minutes=10)) == []


def test_a_greatest_cursor_drops_rows_that_arrive_seconds_apart(
    ctx: Context, server: PracticeSalesforce
) -> None:
    """pipedream#9712: three share each second; a read from that second on has all three again."""
    found = read(ctx, "record_created", object="Contact")
    second = found[4]["CreatedDate"]
    since = datetime.fromisoformat(second)
    again = read(ctx, "record_created", since, object="Contact")
    same = {one["Id"] for one in found if one["CreatedDate"] == second}
    assert len(same) == 3
    assert same <= {one["Id"] for one in again}


def test_late_commits_need_an_overlap_window(
    ctx: Context, server: PracticeSalesforce, clock: Clock
) -> None:
    """n8n PR 19377: what bears a time before the last read is met by the recipe's overlap."""
    server.edit("Lead", "new", {"LastName": "Prompt", "Company": "A"})
    last = max(datetime.fromisoformat(one["CreatedDate"]) for one in read(ctx, "lead_created"))
    late = server.edit("Lead", "new", {"LastName": "Late", "Company": "B"})
    stamp = (NOON - timedelta(minutes=4)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    late |= {"CreatedDate": stamp, "SystemModstamp": stamp}
    overlap = timedelta(minutes=10)  # a recipe's, unless it says otherwise
    for trigger in ("lead_created", "lead_changed"):
        names = {one["LastName"] for one in read(ctx, trigger, last - overlap)}
        assert "Late" in names
    assert "Late" not in {one["LastName"] for one in read(ctx, "lead_created", last)}


def test_request_limit_exceeded(server: PracticeSalesforce, clock: Clock, store: Store) -> None:
    """airbyte#71024: it stops at once, waits for nothing, and what was sent is known not to have arrived."""
    line = connected(server, store)
    server.limits.elsewhere = server.limits.most
    stored = get_connection(store, "salesforce")
    retry = RetryPolicy(sleep=clock.sleep)
    with open_session(
        connector, stored, store=store, transport=line, retry=retry, clock=clock
    ) as session:
        http = HttpClient(session)
        with pytest.raises(BusyError, match="takes in 24 hours are used") as caught:
            http.post("/composite/sobjects", json={})
        assert not caught.value.maybe_sent
        assert (len(server.requests), clock.waited) == (1, [])
        server.limits.elsewhere = 0
        assert http.get("/").json()["identity"]


def test_a_day_that_is_nearly_used_up_is_told_once(
    ctx: Context, server: PracticeSalesforce, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    read(ctx, "lead_created")
    assert not caplog.records
    server.limits.elsewhere = 12_000
    read(ctx, "lead_created")
    read(ctx, "contact_changed")
    assert [one.getMessage() for one in caplog.records] == [
        "Salesforce: 12,003 of the 15,000 requests of 24 hours are used, by all apps together."
    ]


def test_a_long_job_outlives_its_token(
    ctx: Context, server: PracticeSalesforce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """airbyte#71024: the session ends while a bulk job is waited for; the rows have their outcomes."""
    shown = server.jobs.asked

    def ending(job: Any) -> dict[str, Any]:
        server.access.expire_all()
        return shown(job)

    monkeypatch.setattr(server.jobs, "asked", ending)
    results = send(ctx, "bulk_upsert", [row("1", LastName="A")], **BY_CLIO_ID)
    assert codes(results) == ["created"]
    assert server.access.refreshes == 2
    assert len(server.jobs.jobs) == 1


def test_one_shared_session_is_logged_out_by_another_script(
    server: PracticeSalesforce, clock: Clock
) -> None:
    """simple-salesforce#619: it is renewed, and nothing is sent twice."""
    with line_to(server, clock, "client_credentials") as ctx:
        rows = [{"fields": {"LastName": "A", "Company": "B"}}]
        assert codes(send(ctx, "create_records", rows, object="Lead")) == ["updated"]
        server.access.expire_all()
        rows = [{"fields": {"LastName": "C", "Company": "D"}}]
        send(ctx, "create_records", rows, object="Lead")
    assert [one["status"] for one in asked(server, "/composite/sobjects")] == [200, 401, 200]
    assert len([one for one in server.records()["Lead"] if one["LastName"] in "AC"]) == 2


def test_what_renewed_it_is_kept_though_the_first_try_failed(
    server: PracticeSalesforce, store: Store
) -> None:
    """A token got elsewhere is renewed while connecting; what came of it is what is stored."""
    given = {**server.credentials(), **BASE}
    connection = new_connection(connector, "salesforce", given, practice=True)
    line = httpx2.WSGITransport(app=server)
    server.clock = lambda: datetime.now(UTC).timestamp()
    add_connection(store, connector, connection, transport=line)
    tokens = get_connection(store, "salesforce").tokens or {}
    assert tokens["refresh_token"] != given["refresh_token"]
    assert tokens["values"] == {"instance_url": "https://harborlaw.my.salesforce.com"}


@pytest.mark.parametrize("said", ["Use one of these records?", "It is there."])
def test_a_sentence_of_salesforces_own_ends_once(said: str) -> None:
    assert ended(f"It says: {said.rstrip('.')}") == f"It says: {said}"
