"""The Clio connector, through the engine's own HTTP client, against the practice server."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import jsonschema
import pytest

from engine.calls import read_trigger
from engine.context import Context
from engine.errors import AuthError, ConnectorError, InputError, RemoteError, RetryableError
from engine.host import build_host
from engine.http.client import HttpClient, RetryPolicy
from engine.http.connect import add_connection, begin_oauth, finish_oauth, new_connection
from engine.http.sessions import open_session
from engine.http.urls import addresses
from engine.practice import Fault
from engine.store.connections import get_connection
from engine.store.database import Store
from plugins import clio
from plugins.clio import connector, samples
from plugins.clio.practice import PracticeClio

REDIRECT = "http://127.0.0.1:8731/callback"
Row = dict[str, Any]


class Clock:
    """Seconds since 1970 that only move when told, e.g. by waiting."""

    def __init__(self, now: float = 1_763_990_000.0) -> None:
        self.now = now
        self.waited: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


Open = Callable[[PracticeClio], Context]


@pytest.fixture
def connect(store: Store, clock: Clock) -> Iterator[Open]:
    """Connect to a practice server with its ready-made tokens, as flags on a command line would."""
    sessions = []

    def open_context(server: PracticeClio) -> Context:
        transport = httpx2.WSGITransport(app=server)
        settings = {**server.credentials(), "base_url": "http://clio.test"}
        connection = add_connection(
            store, connector, new_connection(connector, "clio", settings), transport=transport
        )
        session = open_session(
            connector,
            connection,
            store=store,
            transport=transport,
            retry=RetryPolicy(sleep=clock.sleep),
            clock=clock,
        )
        sessions.append(session)
        server.requests.clear()
        return Context(
            http=HttpClient(session),
            now=datetime.fromtimestamp(clock.now, UTC),
            connection=connection.settings,
        )

    yield open_context
    for session in sessions:
        session.close()


@pytest.fixture
def server(clock: Clock) -> PracticeClio:
    return PracticeClio(clock=clock)


@pytest.fixture
def ctx(connect: Open, server: PracticeClio) -> Context:
    return connect(server)


def read(ctx: Context, name: str, since: datetime | None = None, **parameters: Any) -> list[Row]:
    return list(read_trigger(connector.triggers[name], ctx, parameters, since))  # type: ignore[arg-type]  # no bad records here


def asked(server: PracticeClio, part: str) -> list[Row]:
    return [request for request in server.requests if part in request["path"]]


def held(server: PracticeClio, kind: str, **wanted: Any) -> list[Row]:
    return [
        row
        for row in server.records()[kind]
        if all(row[name] == value for name, value in wanted.items())
    ]


# -- the connector itself --------------------------------------------------------------------------


def test_the_host_accepts_it() -> None:
    host = build_host([clio], strict=True)
    assert host.connector("clio").triggers.keys() == {
        "matter_changed",
        "contact_changed",
        "user_changed",
    }


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ({}, "app.clio.com"),
        ({"region": "us"}, "app.clio.com"),
        ({"region": "eu"}, "eu.app.clio.com"),
        ({"region": "ca"}, "ca.app.clio.com"),
        ({"region": "au"}, "au.app.clio.com"),
    ],
)
def test_every_address_is_of_the_region(region: dict[str, str], host: str) -> None:
    found = addresses(connector, {"client_id": "a", "client_secret": "b", **region})
    assert found.base_url == f"https://{host}/api/v4"
    assert found.authorize_url == f"https://{host}/oauth/authorize"
    assert found.token_url == f"https://{host}/oauth/token"
    assert found.origins == {f"https://{host}"}


def test_the_settings_are_described_and_the_secret_is_one() -> None:
    fields = connector.settings_schema["properties"]
    assert fields["region"]["enum"] == ["us", "eu", "ca", "au"]
    assert fields["client_secret"]["writeOnly"] is True
    assert connector.settings_schema["required"] == ["client_id", "client_secret"]


@pytest.mark.parametrize(
    ("name", "sample"),
    [
        ("matter_changed", samples.MATTER),
        ("contact_changed", samples.CONTACT),
        ("user_changed", samples.USER),
    ],
)
def test_records_are_as_declared(ctx: Context, name: str, sample: Row) -> None:
    schema = connector.triggers[name].result
    strict = jsonschema.Draft202012Validator(
        {**schema, "additionalProperties": False}, format_checker=jsonschema.FormatChecker()
    )
    strict.validate(sample)
    records = read(ctx, name)
    assert records
    for record in records:
        strict.validate(record)
        assert record.keys() == sample.keys()


# -- connecting ------------------------------------------------------------------------------------


def test_the_label_names_the_firm_and_the_user(
    connect: Open, server: PracticeClio, store: Store
) -> None:
    connect(server)
    assert get_connection(store, "clio").label == "Harbor Law (Dana Whitfield)"


def test_the_code_flow_connects(server: PracticeClio, store: Store) -> None:
    transport = httpx2.WSGITransport(app=server)
    known = server.credentials()
    settings = {name: known[name] for name in ("region", "client_id", "client_secret")}
    draft = new_connection(connector, "clio", {**settings, "base_url": "http://clio.test"})
    authorization = begin_oauth(connector, draft, REDIRECT)
    with httpx2.Client(transport=transport) as browser:
        answer = browser.post(authorization.url, data={"decision": "allow"})
    connection = finish_oauth(
        connector, draft, authorization, answer.headers["Location"], transport=transport
    )
    saved = add_connection(store, connector, connection, transport=transport)
    assert saved.label == "Harbor Law (Dana Whitfield)"
    assert saved.tokens is not None
    assert saved.tokens["refresh_token"]


def test_refused_consent_is_said_plainly(server: PracticeClio) -> None:
    transport = httpx2.WSGITransport(app=server)
    draft = new_connection(
        connector, "clio", {**server.credentials(), "base_url": "http://clio.test"}
    )
    authorization = begin_oauth(connector, draft, REDIRECT)
    with httpx2.Client(transport=transport) as browser:
        answer = browser.post(authorization.url, data={"decision": "deny"})
    with pytest.raises(AuthError, match="Clio refused"):
        finish_oauth(
            connector, draft, authorization, answer.headers["Location"], transport=transport
        )


def test_the_wrong_region_s_tokens_are_explained(connect: Open, clock: Clock) -> None:
    elsewhere = PracticeClio(clock=clock, region="eu")
    here = PracticeClio(clock=clock)
    here.credentials = elsewhere.credentials  # type: ignore[method-assign]  # as a person mixing them up
    with pytest.raises(AuthError):
        connect(here)


def test_an_expired_token_is_renewed_once_while_reading(
    connect: Open, clock: Clock, store: Store
) -> None:
    server = PracticeClio(clock=clock, token_requests=3)
    ctx = connect(server)  # the check spends the first
    assert len(read(ctx, "matter_changed")) == 248
    assert server.refreshes == 1
    assert [r["status"] for r in asked(server, "/api/")].count(401) == 1
    tokens = get_connection(store, "clio").tokens
    assert tokens is not None
    assert tokens["refresh_token"] == server.credentials()["refresh_token"]  # reusable: kept
    assert tokens["access_token"] != server.credentials()["access_token"]


def test_a_token_can_be_renewed_again_and_again(ctx: Context, server: PracticeClio) -> None:
    for number in range(1, 4):
        server.oauth.expire_all()
        assert len(read(ctx, "user_changed")) == 6
        assert server.refreshes == number


def test_a_revoked_connection_asks_for_a_person(ctx: Context, server: PracticeClio) -> None:
    server.oauth.revoke(server.oauth.bearer(f"Bearer {server.credentials()['access_token']}"))
    with pytest.raises(AuthError) as caught:
        read(ctx, "user_changed")
    assert "Connect Clio again" in caught.value.hint


# -- matters ---------------------------------------------------------------------------------------


def test_a_matter_reads_as_a_recipe_would_say_it(ctx: Context, server: PracticeClio) -> None:
    clio_matter = next(
        m
        for m in held(server, "matters", status="Open")
        if m["client"] and m["client"]["last_name"] == "Ñúñez"
    )
    (contact,) = held(server, "contacts", id=clio_matter["client_id"])
    (matter,) = [m for m in read(ctx, "matter_changed") if m["id"] == clio_matter["id"]]
    assert matter["status"] == "open"
    assert matter["stage"] == clio_matter["matter_stage"]["name"]
    assert matter["practice_area"] == clio_matter["practice_area"]["name"]
    assert matter["responsible_attorney"]["email"] == clio_matter["responsible_attorney"]["email"]
    assert matter["client"] == {
        "id": contact["id"],
        "name": "José Ñúñez",
        "first_name": "José",
        "last_name": "Ñúñez",
        "type": "Person",
        "email": contact["primary_email_address"],
        "phones": [{"name": p["name"], "number": p["number"]} for p in contact["phone_numbers"]],
    }
    assert matter["clients"][0] == matter["client"]


def test_all_matters_are_read_once_with_few_requests(ctx: Context, server: PracticeClio) -> None:
    matters = read(ctx, "matter_changed")
    assert [m["id"] for m in matters] == [m["id"] for m in server.records()["matters"]]
    # 2 pages, their clients' telephones, and their further clients.
    assert len(asked(server, "/matters.json")) == 2
    assert len(asked(server, "/contacts.json")) == 2
    assert len(asked(server, "/relationships.json")) <= 2
    assert {r["status"] for r in server.requests} == {200}


def test_addresses_stay_short_enough(connect: Open, server: PracticeClio) -> None:
    longest = 0

    def measured(environ: Any, start_response: Any) -> Any:
        nonlocal longest
        longest = max(longest, len(environ["QUERY_STRING"]))
        return PracticeClio.__call__(server, environ, start_response)

    settings = {**server.credentials(), "base_url": "http://clio.test"}
    connection = new_connection(connector, "clio", settings)
    transport = httpx2.WSGITransport(app=measured)
    with open_session(connector, connection, transport=transport) as session:
        read(Context(http=HttpClient(session), now=datetime.now(UTC)), "matter_changed")
    assert 1_000 < longest < 5_000  # common servers refuse lines above 8 KB


def test_a_matter_without_this_and_that_is_still_read(ctx: Context) -> None:
    matters = read(ctx, "matter_changed")
    without_client = [m for m in matters if m["client"] is None]
    assert len(without_client) == 5
    assert {tuple(m["clients"]) for m in without_client} == {()}
    assert sum(m["responsible_attorney"] is None for m in matters) == 3
    assert sum(m["stage"] is None for m in matters) == 2
    assert sum(m["description"] is None for m in matters) == 4
    assert sum(m["client"]["phones"] == [] for m in matters if m["client"]) == 5
    companies = [m["client"] for m in matters if m["client"] and m["client"]["type"] == "Company"]
    assert {company["first_name"] for company in companies} == {None}


def test_further_clients_come_from_relationships(ctx: Context, server: PracticeClio) -> None:
    matters = {m["id"]: m for m in read(ctx, "matter_changed")}
    assert sorted(len(m["clients"]) for m in matters.values())[-8:] == [2, 2, 2, 2, 3, 3, 3, 3]
    for clio_matter in server.records()["matters"]:
        names = {r["description"].lower() for r in clio_matter["relationships"]}
        more = len(names & {"client", "co-client"}) > 0
        assert (len(matters[clio_matter["id"]]["clients"]) > 1) == more
    extra = next(m for m in matters.values() if len(m["clients"]) > 1)["clients"][1]
    assert extra["phones"]
    assert extra["email"]


def test_a_firm_has_its_own_words_for_further_clients(ctx: Context) -> None:
    nobody = read(ctx, "matter_changed", further_clients=[])
    assert max(len(m["clients"]) for m in nobody) == 1
    witnesses = read(ctx, "matter_changed", further_clients=["WITNESS "])
    assert max(len(m["clients"]) for m in witnesses) == 2
    sample = next(m for m in witnesses if len(m["clients"]) == 2)
    trigger = connector.triggers["matter_changed"]
    assert trigger.fetch is not None
    assert trigger.fetch(ctx, str(sample["id"]), further_clients=["witness"]) == sample


def test_a_client_who_is_also_related_as_client_is_named_once(
    ctx: Context, server: PracticeClio
) -> None:
    matter = next(m for m in held(server, "matters", status="Open") if m["relationships"])
    for row in server.store.rows("relationships"):
        if row["matter"] == matter["id"]:
            row.update(contact=matter["client_id"], description="Client")
    (found,) = [m for m in read(ctx, "matter_changed") if m["id"] == matter["id"]]
    assert found["clients"] == [found["client"]]


@pytest.mark.parametrize(
    ("status", "count"), [(["open"], 200), (["open", "pending"], 220), (["closed"], 28), ([], 248)]
)
def test_matters_by_status(ctx: Context, status: list[str], count: int) -> None:
    matters = read(ctx, "matter_changed", status=status)
    assert len(matters) == count
    assert {m["status"] for m in matters} <= set(status or ["open", "pending", "closed"])


def test_only_what_changed_since_is_read(ctx: Context, server: PracticeClio, clock: Clock) -> None:
    ago = ctx.now - timedelta(minutes=10)
    assert len(read(ctx, "matter_changed", ago)) == 45
    clock.now += 3600
    server.edit("matters", str(server.records()["matters"][7]["id"]), {"description": "New"})
    changed = read(ctx, "matter_changed", ctx.now + timedelta(minutes=30))
    assert [m["description"] for m in changed] == ["New"]


def test_a_record_of_the_cursor_s_own_second_is_read_again(
    ctx: Context, server: PracticeClio
) -> None:
    """Clio's "after" leaves that second out, and two matters may share it."""
    newest = max(m["updated_at"] for m in server.records()["matters"])
    found = read(ctx, "matter_changed", datetime.fromisoformat(newest))
    assert newest in {m["updated_at"] for m in found}
    found = read(ctx, "matter_changed", datetime.fromisoformat(newest) + timedelta(seconds=2))
    assert found == []


@pytest.mark.parametrize("name", ["matter_changed", "contact_changed", "user_changed"])
def test_a_time_zone_does_not_matter(ctx: Context, server: PracticeClio, name: str) -> None:
    since = ctx.now - timedelta(days=200)
    from_tokyo = since.astimezone(datetime.strptime("+0900", "%z").tzinfo)
    assert read(ctx, name, from_tokyo) == read(ctx, name, since)


def test_a_matter_that_changes_while_it_is_read_is_read_next_time(
    ctx: Context, server: PracticeClio, clock: Clock
) -> None:
    clock.now += 60
    server.edit_while_read = {"description": "Amended while it was read"}
    first = read(ctx, "matter_changed")
    assert len({m["id"] for m in first}) == len(first) == 248
    assert not [m for m in first if m["description"] == "Amended while it was read"]
    cursor = max(datetime.fromisoformat(m["updated_at"]) for m in first)
    again = read(ctx, "matter_changed", cursor)
    assert "Amended while it was read" in [m["description"] for m in again]


# -- contacts and users ----------------------------------------------------------------------------


def test_contacts_are_read_with_their_numbers(ctx: Context, server: PracticeClio) -> None:
    contacts = read(ctx, "contact_changed")
    assert [c["id"] for c in contacts] == [c["id"] for c in server.records()["contacts"]]
    assert len(server.requests) == 2
    assert sum(c["email"] is None for c in contacts) == 8
    assert {"name": "Mobile", "number": "+44 20 7946 0123"} in [
        phone for contact in contacts for phone in contact["phones"]
    ]


@pytest.mark.parametrize(
    "parameters",
    [
        {"client_only": True},
        {"type": "Company"},
        {"type": "Person", "client_only": True},
        {"client_only": False, "type": None},
    ],
)
def test_contacts_can_be_narrowed(
    ctx: Context, server: PracticeClio, parameters: dict[str, Any]
) -> None:
    wanted = [
        c["id"]
        for c in server.records()["contacts"]
        if (not parameters.get("client_only") or c["is_client"])
        and c["type"] in (parameters.get("type") or ("Person", "Company"))
    ]
    assert [c["id"] for c in read(ctx, "contact_changed", **parameters)] == wanted


def test_a_changed_contact_is_read(ctx: Context, server: PracticeClio, clock: Clock) -> None:
    contact = next(c for c in server.records()["contacts"] if not c["phone_numbers"])
    clock.now += 5
    numbers = [{"name": "Mobile", "number": "212-555-0199"}]
    server.edit("contacts", str(contact["id"]), {"phone_numbers": numbers})
    (found,) = read(ctx, "contact_changed", ctx.now)
    assert (found["id"], found["phones"]) == (contact["id"], numbers)


def test_users_are_read(ctx: Context) -> None:
    users = read(ctx, "user_changed")
    assert [user["name"] for user in users][:3] == [
        "Dana Whitfield",
        "Marcus Oyelaran",
        "Søren Lindqvist",
    ]
    assert {user["enabled"] for user in users} == {True}


@pytest.mark.parametrize("name", ["matter_changed", "contact_changed", "user_changed"])
def test_one_record_is_fetched_as_it_is_read(ctx: Context, server: PracticeClio, name: str) -> None:
    server.edit_while_read = None
    trigger = connector.triggers[name]
    assert trigger.fetch is not None
    for record in read(ctx, name)[::40]:
        assert trigger.fetch(ctx, str(record["id"])) == record
    assert trigger.fetch(ctx, "1") is None


# -- when things go wrong --------------------------------------------------------------------------


def test_the_rate_limit_that_answers_tell_is_kept_so_that_nothing_is_refused(
    connect: Open, clock: Clock
) -> None:
    server = PracticeClio(clock=clock, requests_per_minute=2)
    ctx, begun = connect(server), clock.now
    assert len(read(ctx, "matter_changed")) == 248
    assert {request["status"] for request in server.requests} == {200}
    windows = len(server.requests) // 2
    assert windows > 1
    assert 60 * (windows - 1) <= clock.now - begun <= 70 * (windows + 1)


def test_a_refusal_for_the_limit_is_waited_for(connect: Open, clock: Clock) -> None:
    """Another program with the same token may have used it up."""
    server = PracticeClio(clock=clock)
    ctx, begun = connect(server), clock.now
    server.faults.append(Fault("/api/", times=1, status=429, headers={"Retry-After": "42"}))
    assert len(read(ctx, "matter_changed")) == 248
    assert 42 <= clock.now - begun <= 44


def failure(ctx: Context, server: PracticeClio, fault: Fault) -> ConnectorError:
    server.faults.append(fault)
    with pytest.raises(ConnectorError) as caught:
        read(ctx, "matter_changed")
    return caught.value


def api_error(message: str) -> str:
    return f'{{"error": {{"type": "SomeError", "message": "{message}"}}}}'


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (400, RemoteError, "Clio did not understand the question: It is full."),
        (401, AuthError, "Clio no longer accepts this connection: It is full."),
        (403, AuthError, "Clio does not let this connection do that: It is full."),
        (404, InputError, "Clio has no such record: It is full."),
        (410, RemoteError, "Clio did not understand the question: It is full."),
        (412, InputError, "The record was changed in Clio at the same moment: It is full."),
        (422, InputError, "Clio refused this: It is full."),
    ],
)
@pytest.mark.parametrize(
    "body",
    [
        api_error("It is full"),
        api_error(" It is  full. "),
        '{"error": "some_error", "error_description": "It is full."}',
        '{"error": "It is full"}',
    ],
)
def test_both_shapes_of_errors_are_passed_on_in_clio_s_words(
    ctx: Context, server: PracticeClio, status: int, kind: type, said: str, body: str
) -> None:
    error = failure(ctx, server, Fault("/api/", times=2, status=status, body=body))
    assert type(error) is kind
    assert error.message == said
    assert error.hint


@pytest.mark.parametrize(
    "body",
    ["", "<html>Sorry</html>", "[]", "{}", '{"error": null}', '{"error": {"message": ""}}', '"x"'],
)
def test_an_error_without_words_is_explained_all_the_same(
    ctx: Context, server: PracticeClio, body: str
) -> None:
    error = failure(ctx, server, Fault("/api/", status=422, body=body))
    assert error.message == "Clio refused this."


def test_a_vendor_s_long_story_is_cut(ctx: Context, server: PracticeClio) -> None:
    error = failure(ctx, server, Fault("/api/", status=422, body=api_error("word " * 500)))
    assert len(error.message) < 330
    assert error.message.endswith("…")


def test_no_token_reaches_an_error(ctx: Context, server: PracticeClio) -> None:
    token = server.credentials()["access_token"]
    error = failure(ctx, server, Fault("/api/", status=422, body=api_error(f"Bad: {token}")))
    assert token not in str(error)
    assert "•••" in error.message


def test_outages_are_the_engine_s_to_retry(
    ctx: Context, server: PracticeClio, clock: Clock
) -> None:
    server.faults.append(Fault("/api/v4/contacts.json", times=2, status=503))
    assert len(read(ctx, "matter_changed")) == 248
    assert len(clock.waited) == 2
    assert isinstance(failure(ctx, server, Fault("/api/", times=9, status=503)), RetryableError)


def test_a_limit_far_away_is_not_waited_for(ctx: Context, server: PracticeClio) -> None:
    fault = Fault("/api/", times=9, status=429, headers={"Retry-After": "3600"})
    error = failure(ctx, server, fault)
    assert isinstance(error, RetryableError)
    assert error.after == 3600


def test_a_page_that_is_no_list_is_a_wrong_answer(ctx: Context, server: PracticeClio) -> None:
    assert isinstance(
        failure(ctx, server, Fault("/api/", status=200, body='{"data": {}}')), RemoteError
    )
    assert isinstance(failure(ctx, server, Fault("/api/", status=200, body="<html>")), RemoteError)
