"""The Case Status connector: what it declares, its connection, its searches, and what happens in trouble."""

import logging

import httpx2
import pytest
from werkzeug.wrappers import Request, Response

import plugins.casestatus as plugin
from engine.auth import Account
from engine.context import Context
from engine.errors import AuthError, ConnectorError, InputError, RemoteError, RetryableError
from engine.host import build_host
from engine.http.client import HttpClient
from engine.practice.server import Fault, json_response, route
from plugins.casestatus import actions, assumed_contract
from plugins.casestatus.practice.answers import API_KEY, page_of
from plugins.casestatus.practice.server import PracticeCaseStatus
from plugins.casestatus.refusals import SENTENCES, explain
from tests.plugins.casestatus.portal import CONNECTOR, Connect, action, call, case_fields


def test_the_host_takes_the_connector() -> None:
    host = build_host([plugin], strict=True)
    assert set(host.connectors["casestatus"].actions) == {
        "find_staff",
        "upsert_client",
        "upsert_case",
        "update_stage",
        "send_message",
        "find_case",
        "join_case",
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
