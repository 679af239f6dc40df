"""Messages, files and cases as recipes get them from Case Status."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.calls import call_single, read_trigger
from engine.context import Context
from engine.errors import InputError, RemoteError
from engine.practice.server import Fault
from engine.results import Accepted, BadRecord
from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.practice.sample_data import IMPORTED, SAID
from plugins.casestatus.practice.server import PracticeCaseStatus
from tests.plugins.casestatus.portal import CONNECTOR, action, call, case_fields


def read(
    ctx: Context, name: str, since: datetime | None = None, **parameters: Any
) -> list[dict[str, Any]]:
    found = read_trigger(CONNECTOR.triggers[name], ctx, parameters, since)
    return [record for record in found if isinstance(record, dict)]


def test_messages_of_all_pages_are_read(ctx: Context) -> None:
    messages = read(ctx, "message_received")
    assert [(m["type"], m["content"]) for m in messages] == list(SAID)
    incoming = read(ctx, "message_received", types=["incoming"])
    assert {m["type"] for m in incoming} == {"incoming"}


def test_only_what_came_since_is_new(ctx: Context, server: PracticeCaseStatus) -> None:
    last = max(datetime.fromisoformat(m["created_at"]) for m in read(ctx, "message_received"))
    after = last + timedelta(microseconds=1)
    assert read(ctx, "message_received", after) == []
    assert [m["content"] for m in read(ctx, "message_received", last)] == [SAID[-1][1]]
    server.edit("messages", "new", {"case_id": 5001, "content": "Any news?"})
    assert [m["content"] for m in read(ctx, "message_received", after)] == ["Any news?"]


def test_a_file_names_its_case_and_where_that_came_from(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    files = read(ctx, "file_added")
    assert len(files) == 11  # more than a page of ten
    assert {f["case_integration_id"] for f in files} == {None, IMPORTED}
    after = max(datetime.fromisoformat(f["updated_at"]) for f in files) + timedelta(seconds=1)
    server.edit("files", "new", {"case_id": 5012, "file_name": "lease.pdf"})
    (new,) = read(ctx, "file_added", after)
    assert (new["file_name"], new["case_integration_id"]) == ("lease.pdf", IMPORTED)


def test_a_case_of_the_report_is_put_into_plain_names(ctx: Context) -> None:
    cases = read(ctx, "case_changed")
    assert len(cases) == 12
    first = cases[0]
    assert first["clients"] == [
        {
            "id": 3001,
            "first_name": "Walter",
            "last_name": "Abernathy",
            "phone": "+12125550141",
            "email": "walter.abernathy@mail.example",
        }
    ]
    assert first["attorneys"][0]["email"].endswith("@harborlaw.example")
    assert first["case_managers"] == [
        {"id": 106, "first_name": "Ruth", "last_name": "Okafor", "email": None}
    ]
    assert first.keys() == (CONNECTOR.triggers["case_changed"].sample or {}).keys()
    family = read(ctx, "case_changed", practice_area="Family Law")
    assert {case["practice_area"] for case in family} == {"Family Law"}


def test_deleted_cases_are_left_out_unless_asked_for(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    server.edit("cases", "5001", {"deleted_at": "2026-01-31T10:00:00Z"})
    assert len(read(ctx, "case_changed")) == 11
    assert len(read(ctx, "case_changed", with_deleted=True)) == 12


def test_a_case_is_found_by_where_it_came_from(ctx: Context, server: PracticeCaseStatus) -> None:
    search = action("find_case")
    for _ in range(2):
        found = call_single(search, ctx, {"integration_id": IMPORTED})
        assert isinstance(found, Accepted)
        assert found.record["id"] == 5012
    assert call_single(search, ctx, {"integration_id": "771"}) is None
    assert len(server.requests) == 1  # the report is read once a run


def test_a_case_typed_in_by_hand_is_joined_and_not_made_twice(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    joined = call(ctx, "join_case", case="5001")
    assert joined.record["integration_id"] == "771"
    again = call(ctx, "upsert_case", **case_fields())
    assert (again.target_id, again.created) == ("5001", False)
    assert len(server.cases) == 12
    with pytest.raises(InputError) as caught:
        call(ctx, "join_case", case="5002")
    assert caught.value.code == "integration_id_taken"


def test_a_case_has_a_type_a_paralegal_and_an_end(ctx: Context) -> None:
    fields = {"case_type": "Premises", "paralegal": "lena.fischer@harborlaw.example"}
    case = call(ctx, "upsert_case", **case_fields(**fields))
    assert (case.record["case_type"], case.record["paralegal_id"]) == ("Premises", 108)
    closed = call(
        ctx, "update_stage", case=case.target_id, stage="Settlement", closed_on="2026-03-01"
    )
    assert closed.record["closed_on"] == "2026-03-01"
    with pytest.raises(InputError) as caught:
        call(ctx, "upsert_case", **case_fields(paralegal="nobody@harborlaw.example"))
    assert (caught.value.code, caught.value.field) == ("unknown_paralegal", "paralegal")


@pytest.mark.parametrize("created", ['"yesterday"', "null"])
def test_one_time_that_can_t_be_read_rejects_that_record_alone(
    ctx: Context, server: PracticeCaseStatus, created: str
) -> None:
    body = (
        f'[{{"id": 1, "content": "x", "created_at": {created}}},'
        '{"id": 2, "content": "y", "created_at": "2026-01-31T10:00:00"}]'
    )
    server.faults.append(Fault(contract.MESSAGES, status=200, body=body))
    since = datetime.fromisoformat("2026-01-31T10:00:00Z")
    trigger = CONNECTOR.triggers["message_received"]
    bad, good = list(read_trigger(trigger, ctx, {}, since))[:2]
    assert isinstance(bad, BadRecord)
    assert (bad.key, bad.code) == ("1", "no_time")
    assert isinstance(good, dict)  # without a zone it counts as UTC
    assert good["id"] == 2


def test_without_any_time_nobody_can_tell_what_is_new(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    server.faults.append(Fault(contract.MESSAGES, status=200, body='[{"id": 1}]'))
    with pytest.raises(RemoteError, match="'created_at'"):
        read(ctx, "message_received")
