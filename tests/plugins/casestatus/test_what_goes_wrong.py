"""Each thing that is known to go wrong with Case Status, in the order of the list that was collected."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from engine.context import Context
from engine.errors import InputError
from engine.http.client import HttpClient
from plugins.casestatus.practice.server import PracticeCaseStatus
from tests.plugins.casestatus.portal import Connect, call, case_fields


def refusal(ctx: Context, **changes: Any) -> InputError:
    with pytest.raises(InputError) as caught:
        call(ctx, "upsert_case", **case_fields(**changes))
    return caught.value


@pytest.mark.parametrize(
    ("field", "name"), [("practice_area", "personal injury"), ("stage", "DEMAND SENT")]
)
def test_1_a_name_in_other_capitals_blocks_a_case_and_says_so(
    ctx: Context, server: PracticeCaseStatus, field: str, name: str
) -> None:
    error = refusal(ctx, **{field: name})
    assert (error.code, error.field) == (f"unknown_{field}", field)
    assert "must match exactly" in error.message
    assert "capitals count" in error.hint
    assert len(server.cases) == 12


def test_1_several_names_from_elsewhere_may_be_mapped_to_one(connect: Connect) -> None:
    mapped = {"practice_area": {"Family": "Family Law", "Divorce": "Family Law"}}
    server = PracticeCaseStatus(mappings=mapped)
    ctx = connect(app=server)
    for number, area in enumerate(("Family", "Divorce", "Family Law")):
        client = {"phone": f"+1212555017{number}", "last_name": "Byron"}
        case = call(ctx, "upsert_case", **case_fields(practice_area=area, client=client))
        assert case.record["practice_area"] == "Family Law"
    assert refusal(ctx, practice_area="family").code == "unknown_practice_area"
    server.edit("mappings", "stage", {"Demand": "Demand sent"})
    assert call(ctx, "update_stage", case="5001", stage="Demand").record["stage"] == "Demand sent"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"attorney": "j.doe@harborlaw.example"}, "unknown_attorney", "attorney"),
        ({"attorney": ""}, "required", "attorney"),
        ({"client": {"last_name": "Byron", "phone": ""}}, "required", "client.phone"),
        (
            {"client": {"last_name": "Byron", "phone": "+442079460123"}},
            "invalid_phone",
            "client.phone",
        ),
    ],
    ids=["unknown attorney", "no attorney", "no phone", "a landline"],
)
def test_2_a_missing_attorney_or_mobile_number_blocks_a_case(
    ctx: Context, server: PracticeCaseStatus, changes: dict[str, Any], code: str, field: str
) -> None:
    error = refusal(ctx, **changes)
    assert (error.code, error.field) == (code, field)
    assert error.hint
    assert len(server.cases) == 12


def test_3_only_the_integration_id_keeps_a_case_from_being_made_twice(
    ctx: Context, server: PracticeCaseStatus
) -> None:
    """The record's key is the integration id, whatever else of it changes."""
    first = call(ctx, "upsert_case", **case_fields())
    other = {"phone": "+12125550188", "last_name": "Byron"}
    again = call(ctx, "upsert_case", **case_fields(name="Another name", client=other))
    assert (again.target_id, again.created) == (first.target_id, False)
    assert [c["integration_id"] for c in server.cases.values()].count("771") == 1


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "https://app.casestatus.com"),
        (
            {"base_url": "https://sandbox.creativebriefcase.com"},
            "https://sandbox.creativebriefcase.com",
        ),
    ],
    ids=["production", "sandbox"],
)
def test_4_the_address_that_was_entered_is_the_one_that_is_called(
    connect: Connect, settings: dict[str, str], expected: str
) -> None:
    """A published third-party connector calls the sandbox whatever is entered."""
    ctx = connect(**settings)
    assert isinstance(ctx.http, HttpClient)
    asked: list[str] = []
    session = ctx.http.session
    send: Callable[..., httpx2.Response] = session.client.send

    def seen(request: httpx2.Request, **more: Any) -> httpx2.Response:
        asked.append(f"{request.url.scheme}://{request.url.host}")
        return send(request, **more)

    session.client.send = seen  # type: ignore[method-assign]
    call(ctx, "upsert_case", **case_fields())
    assert asked == [expected]
