"""Cases, clients and messages are written; a message whose answer was lost is looked for."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from engine.calls import call_find
from engine.context import Context
from engine.errors import ConnectorError, InputError, RemoteError
from engine.practice.server import Fault, json_response, route
from engine.results import Accepted
from plugins.casestatus import actions, assumed_contract
from plugins.casestatus.practice.answers import page_of
from plugins.casestatus.practice.sample_data import SAID
from plugins.casestatus.practice.server import PracticeCaseStatus
from tests.plugins.casestatus.portal import Connect, action, call, case_fields


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
    assert [message["content"] for message in server.messages[len(SAID) :]] == ["Good news"]


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
