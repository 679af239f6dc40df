"""The Case Status connector through Bridgework's own HTTP client, against its practice server."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

import plugins.casestatus as plugin
from engine.auth import Account
from engine.calls import call_find, call_single
from engine.context import Context
from engine.errors import AuthError, ConnectorError, InputError, RemoteError, RetryableError
from engine.host import build_host
from engine.http.client import HttpClient, RetryPolicy
from engine.http.sessions import open_session
from engine.operations import Accepted, Action
from engine.practice import Fault, json_response, route
from engine.store.connections import Connection
from plugins.casestatus import actions, assumed_contract
from plugins.casestatus.explanations import SENTENCES, explain
from plugins.casestatus.practice.server import API_KEY, PracticeCaseStatus, page_of

CONNECTOR = plugin.connector
NO_WAIT = RetryPolicy(sleep=lambda _: None)


@pytest.fixture
def server() -> PracticeCaseStatus:
    return PracticeCaseStatus(seed=1)


Connect = Callable[..., Context]


@pytest.fixture
def connect(server: PracticeCaseStatus) -> Iterator[Connect]:
    """Open a connection to the practice server; settings and secrets may be changed."""
    opened = []

    def connect(
        api_key: str = API_KEY, app: PracticeCaseStatus = server, **settings: str
    ) -> Context:
        connection = Connection(
            name="portal",
            connector="casestatus",
            settings=settings,
            secrets={"api_key": api_key},
        )
        transport = httpx2.WSGITransport(app=app)
        session = open_session(CONNECTOR, connection, transport=transport, retry=NO_WAIT)
        opened.append(session)
        return Context(http=HttpClient(session), now=datetime.now(UTC), key="771")

    yield connect
    for session in opened:
        session.close()


@pytest.fixture
def ctx(connect: Connect) -> Context:
    return connect()


def action(name: str) -> Action:
    return CONNECTOR.actions[name]


def call(ctx: Context, name: str, /, **fields: Any) -> Accepted:
    """Call an action as a run does: repeatable if it is idempotent."""
    assert isinstance(ctx.http, HttpClient)
    operation = action(name)
    http = HttpClient(ctx.http.session, idempotent=operation.idempotent)
    result = call_single(operation, replace(ctx, http=http), fields)
    assert isinstance(result, Accepted)
    return result


def case_fields(**changes: Any) -> dict[str, Any]:
    return {
        "name": "00042 Abernathy",
        "attorney": "101",
        "client": {"phone": "+12125550141", "last_name": "Abernathy"},
        "practice_area": "Personal Injury",
        "stage": "Demand sent",
        **changes,
    }


# -- declared --------------------------------------------------------------------------------------


def test_the_host_takes_the_connector() -> None:
    host = build_host([plugin], strict=True)
    assert set(host.connectors["casestatus"].actions) == {
        "find_staff",
        "upsert_client",
        "upsert_case",
        "update_stage",
        "send_message",
    }
    assert "assumed contract" in host.connectors["casestatus"].experimental


def test_a_recipe_sees_what_a_case_needs() -> None:
    inputs = action("upsert_case").inputs
    assert inputs["required"] == ["name", "attorney", "client", "practice_area", "stage"]
    client = inputs["properties"]["client"]
    assert client["required"] == ["phone", "last_name"]
    assert client["properties"]["phone"]["format"] == "phone"
    assert inputs["additionalProperties"] is False


def test_only_messages_are_not_repeatable() -> None:
    repeatable = {name: operation.idempotent for name, operation in CONNECTOR.actions.items()}
    assert [name for name, yes in repeatable.items() if not yes] == ["send_message"]


def test_samples_look_like_the_answers(ctx: Context) -> None:
    samples = {name: set(operation.sample or {}) for name, operation in CONNECTOR.actions.items()}
    case = call(ctx, "upsert_case", **case_fields(description="x", opened_on="2026-01-31"))
    assert set(case.record) == samples["upsert_case"] == samples["update_stage"]
    client = call(ctx, "upsert_client", phone="+12125550141", last_name="Abernathy")
    assert set(client.record) == samples["upsert_client"]
    message = call(ctx, "send_message", case=case.target_id, text="Hello")
    assert set(message.record) == samples["send_message"]


# -- connecting ------------------------------------------------------------------------------------


def test_a_connection_is_known_by_the_firm(ctx: Context) -> None:
    assert CONNECTOR.check_function is not None
    assert CONNECTOR.check_function(ctx) == Account(id="Harbor Law", label="Harbor Law")


def test_a_firm_report_without_a_name_still_gives_a_label(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    assert CONNECTOR.check_function is not None
    for body in ('{"results": []}', '{"results": [{"Average Response Time": "3 hours"}]}'):
        server.faults.append(Fault("/reporting/firm", status=200, body=body))
        assert CONNECTOR.check_function(ctx) == "Case Status"


def test_a_wrong_key_asks_for_a_new_one_and_is_not_repeated(connect: Connect) -> None:
    assert CONNECTOR.check_function is not None
    with pytest.raises(AuthError) as caught:
        CONNECTOR.check_function(connect(api_key="a-wrong-key"))
    assert caught.value.message == "Case Status did not accept the API key."
    assert "a-wrong-key" not in str(caught.value)


def test_the_address_of_the_connection_is_used(
    server: PracticeCaseStatus, connect: Connect
) -> None:
    # A published third-party connector calls the sandbox whatever address is entered.
    ctx = connect(base_url="https://sandbox.example")
    assert isinstance(ctx.http, HttpClient)
    assert ctx.http.session.addresses.base_url == "https://sandbox.example"
    assert actions.find_staff(ctx, email="dana.whitfield@harborlaw.example") is not None


# -- searching -------------------------------------------------------------------------------------


def test_staff_is_found_whatever_the_capitals(ctx: Context) -> None:
    assert actions.find_staff(ctx, email="Marcus.Oyelaran@HarborLaw.example") == {
        "id": "102",
        "name": "Marcus Oyelaran",
        "email": "marcus.oyelaran@harborlaw.example",
    }


def test_staff_that_is_not_there_is_none(ctx: Context) -> None:
    assert actions.find_staff(ctx, email="j.doe@harborlaw.example") is None


class IgnoresFilters(PracticeCaseStatus):
    """Lists all staff whatever is asked for: whether the real one narrows the list is unknown."""

    @route("GET", assumed_contract.STAFF)
    def list_staff(self, request: Request) -> Response:
        return json_response({"results": page_of(list(self.staff.values()), request)})


def test_staff_is_found_on_a_later_page_of_a_server_that_ignores_the_filter(
    connect: Connect,
) -> None:
    server = IgnoresFilters(seed=1)
    for number in range(150):
        server.edit("staff", "new", {"name": f"N{number}", "email": f"n{number}@harborlaw.example"})
    found = actions.find_staff(connect(app=server), email="N149@harborlaw.example")
    assert found is not None
    assert found["name"] == "N149"
    assert len(server.requests) == 2


def test_pickers_offer_staff_areas_and_stages(ctx: Context) -> None:
    staff = list(actions.staff_members(ctx))
    assert len(staff) == 12
    assert staff[0].label == "Dana Whitfield (dana.whitfield@harborlaw.example)"
    assert [option.value for option in actions.practice_areas(ctx)][1] == "Family Law"
    stages = [option.value for option in actions.stages(ctx)]
    assert len(stages) == len(set(stages)) == 7


# -- writing ---------------------------------------------------------------------------------------


def test_a_record_becomes_one_case_for_ever(ctx: Context, server: PracticeCaseStatus) -> None:
    first = call(ctx, "upsert_case", **case_fields(description="Rear-end collision"))
    again = call(ctx, "upsert_case", **case_fields(stage="Negotiation"))
    assert (first.created, again.created) == (True, False)
    assert first.target_id == again.target_id == "5013"
    assert again.record["integration_id"] == "771"
    assert again.record["description"] == "Rear-end collision"
    assert len(server.cases) == 13


def test_the_attorney_may_be_given_as_found_or_by_email(ctx: Context) -> None:
    found = actions.find_staff(ctx, email="ines.calderon@harborlaw.example")
    assert found is not None
    by_id = call(ctx, "upsert_case", **case_fields(attorney=found["id"]))
    by_email = call(ctx, "upsert_case", **case_fields(attorney="Ines.Calderon@harborlaw.example"))
    assert by_id.record["attorney_id"] == by_email.record["attorney_id"] == 105


def test_a_company_has_no_first_name(ctx: Context, server: PracticeCaseStatus) -> None:
    company = {"phone": "+12125550199", "last_name": "Tideway Ltd"}
    call(ctx, "upsert_case", **case_fields(client=company))
    client = next(c for c in server.clients.values() if c["last_name"] == "Tideway Ltd")
    assert client["first_name"] is None


def test_fields_left_out_stay_and_null_clears_them(ctx: Context) -> None:
    call(ctx, "upsert_case", **case_fields(description="old", opened_on="2026-01-31"))
    case = call(ctx, "upsert_case", **case_fields(description=None))
    assert case.record["description"] is None
    assert case.record["opened_on"] == "2026-01-31"


def test_a_client_is_added_then_updated(ctx: Context) -> None:
    fields = {"phone": "+12125550177", "last_name": "Řezníček", "first_name": "Jiří"}
    assert call(ctx, "upsert_client", **fields).created
    again = call(ctx, "upsert_client", **fields, email="jiri@mail.example")
    assert not again.created
    assert again.record["email"] == "jiri@mail.example"


def test_a_case_moves_and_its_client_is_written_to(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    case = call(ctx, "upsert_case", **case_fields())
    moved = call(ctx, "update_stage", case=case.target_id, stage="Settlement")
    assert moved.record["stage"] == "Settlement"
    assert moved.created is False
    sent = call(ctx, "send_message", case=case.target_id, text="Good news")
    assert sent.created
    assert [message["content"] for message in server.messages] == ["Good news"]


@pytest.mark.parametrize(
    ("changes", "code", "field", "sentence"),
    [
        (
            {"stage": "demand sent"},
            "unknown_stage",
            "stage",
            "Case Status has no stage called 'demand sent'; names must match exactly.",
        ),
        (
            {"practice_area": "Family"},
            "unknown_practice_area",
            "practice_area",
            "Case Status has no practice area called 'Family'; names must match exactly.",
        ),
        (
            {"attorney": "j.doe@harborlaw.example"},
            "unknown_attorney",
            "attorney",
            "Case Status has no staff member 'j.doe@harborlaw.example'.",
        ),
        (
            {"client": {"phone": "+18005550123", "last_name": "Abernathy"}},
            "invalid_phone",
            "client.phone",
            "Case Status does not accept '+18005550123' as a mobile number.",
        ),
        (
            {"client": {"phone": "+12125550141", "last_name": ""}},
            "required",
            "client.last_name",
            "Case Status needs a value for 'client.last_name'.",
        ),
        (
            {"opened_on": "soon"},
            "invalid_date",
            "opened_on",
            "Case Status does not accept 'soon' as a date.",
        ),
    ],
)
def test_a_refusal_is_a_sentence_with_a_remedy(
    ctx: Context, changes: dict[str, Any], code: str, field: str, sentence: str
) -> None:
    with pytest.raises(InputError) as caught:
        call(ctx, "upsert_case", **case_fields(**changes))
    assert caught.value.message == sentence
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.hint


def test_all_that_is_wrong_is_told_at_once(ctx: Context) -> None:
    fields = case_fields(attorney="nobody@x.example", stage="Awaiting Medicaid")
    with pytest.raises(InputError) as caught:
        call(ctx, "upsert_case", **fields)
    assert "'Awaiting Medicaid'" in caught.value.message
    assert "'nobody@x.example'" in caught.value.message


def test_a_missing_case_is_told_of(ctx: Context) -> None:
    for name, fields in (
        ("update_stage", {"case": "1", "stage": "Settlement"}),
        ("send_message", {"case": "1", "text": "Hello"}),
    ):
        with pytest.raises(InputError, match="Case Status has no case '1'") as caught:
            call(ctx, name, **fields)
        assert (caught.value.code, caught.value.field) == ("unknown_case", "case")


def test_an_id_from_a_recipe_can_not_leave_its_place_in_the_address(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    with pytest.raises(ConnectorError):
        call(ctx, "update_stage", case="../cases/5001?x", stage="Settlement")
    assert server.requests[-1]["path"] == "/v1/api/cases/../cases/5001?x"
    assert server.requests[-1]["query"] == {}


def test_an_address_that_leads_nowhere_is_no_fault_of_the_record(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    server.faults.append(Fault(assumed_contract.CASES, status=404, body="<h1>Not Found</h1>"))
    with pytest.raises(RemoteError, match="nothing at '/v1/api/cases'") as caught:
        call(ctx, "upsert_case", **case_fields())
    assert "assumed contract" in caught.value.hint


# -- trouble ---------------------------------------------------------------------------------------


def test_a_broken_line_is_tried_again_for_a_case_but_never_for_a_message(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    case = call(ctx, "upsert_case", **case_fields())
    server.faults.append(Fault(assumed_contract.CASES, times=2, status=502))
    assert call(ctx, "upsert_case", **case_fields()).target_id == case.target_id
    server.faults.append(Fault(assumed_contract.MESSAGES, times=1, status=502))
    with pytest.raises(RetryableError):
        call(ctx, "send_message", case=case.target_id, text="Hello")
    posts = [r for r in server.requests if r["path"] == assumed_contract.MESSAGES]
    assert len(posts) == 1


def test_an_answer_that_is_no_json_is_one_sentence(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    server.faults.append(Fault(assumed_contract.CASES, status=200, body="<html>Log in</html>"))
    with pytest.raises(RemoteError, match="isn't JSON"):
        call(ctx, "upsert_case", **case_fields())


@pytest.mark.parametrize(
    "body",
    ["", "<html>", "[]", "{}", '{"errors": "no"}', '{"errors": [1]}', '{"error": "teapot"}'],
)
def test_an_error_of_another_shape_is_left_to_the_engine(body: str) -> None:
    assert explain(httpx2.Response(422, text=body)) is None


def test_an_unknown_reason_is_passed_on(ctx: Context) -> None:
    problem = assumed_contract.Problem("case_locked", "case", "This case is locked.")
    error = explain(httpx2.Response(422, json=assumed_contract.error_body([problem])))
    assert isinstance(error, InputError)
    assert (error.message, error.code) == ("This case is locked.", "case_locked")


def test_every_code_of_a_record_has_its_sentence() -> None:
    assert set(SENTENCES) == set(assumed_contract.Code) - {assumed_contract.Code.UNAUTHORIZED}


def test_the_key_is_in_no_log_and_no_error(
    connect: Connect, server: PracticeCaseStatus, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ctx = connect()
    call(ctx, "upsert_case", **case_fields())
    with pytest.raises(ConnectorError) as caught:
        call(ctx, "upsert_case", **case_fields(stage="x"))
    assert API_KEY not in f"{caught.value!r} {caught.value.hint}"
    assert API_KEY not in caplog.text
    assert API_KEY not in repr(server.requests)


# -- was a message sent? ---------------------------------------------------------------------------


def look(ctx: Context, case: str, text: str, since: datetime) -> Accepted | None:
    return call_find(action("send_message"), ctx, {"case": case, "text": text}, since)


def test_a_message_is_found_in_its_case_among_many(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    [case, other, *_] = server.cases
    before = server.now()
    for n in range(25):
        call(ctx, "send_message", case=other, text=f"message {n}")
    sent = call(ctx, "send_message", case=case, text="message 7")
    found = look(ctx, case, "message 7", before)
    assert found is not None
    assert found.target_id == sent.target_id
    last = look(ctx, other, "message 24", before)  # on the third page
    assert last is not None
    assert last.record["content"] == "message 24"
    assert look(ctx, case, "message 8", before) is None


def test_the_same_words_sent_earlier_are_another_message(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    [case, *_] = server.cases
    call(ctx, "send_message", case=case, text="Please call us.")
    assert look(ctx, case, "Please call us.", server.now() + timedelta(hours=1)) is None


def test_a_filter_that_is_ignored_misleads_nobody(connect: Connect) -> None:
    class Ignores(PracticeCaseStatus):
        @route("GET", assumed_contract.MESSAGES)
        def list_messages(self, request: Request) -> Response:
            return json_response(page_of(self.messages, request))

    server = Ignores()
    ctx = connect(app=server)
    [case, other, *_] = server.cases
    call(ctx, "send_message", case=other, text="Please call us.")
    assert look(ctx, case, "Please call us.", server.now() - timedelta(hours=1)) is None
