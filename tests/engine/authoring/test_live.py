"""Checks against an account: what is well, what isn't, and what can't be said; here on practice servers."""

from dataclasses import replace
from typing import Any

import httpx2
import pytest

from engine.authoring.checking import Verdict
from engine.authoring.live import LiveCheck, check_live
from engine.http.connect import new_connection
from engine.practice.server import PracticeServer
from tests.engine.authoring.test_trying import host, server


def live(name: str = "contactbook", **more: Any) -> tuple[LiveCheck, PracticeServer]:
    practice, connector = server(name), host().connector(name)
    settings = {**practice.credentials(), "base_url": "http://practice.test"}
    connection = new_connection(connector, name, settings, practice=True)
    return LiveCheck(connector, connection, **more), practice


def verdicts(check: LiveCheck, practice: PracticeServer) -> dict[str, Verdict]:
    made = check_live(check, transport=httpx2.WSGITransport(app=practice))
    return {f"{one.check} {one.operation}".strip(): one for one in made}


def failed(found: dict[str, Verdict]) -> dict[str, str]:
    return {name: one.message for name, one in found.items() if not one.passed}


def test_a_connector_that_fits_its_app_passes_and_changes_nothing() -> None:
    check, practice = live(values={"note_changed": {"contact_id": 1}})
    found = verdicts(check, practice)
    assert failed(found) == {}
    assert list(found) == [
        "the_connection_works",
        "records_have_unique_keys contact_changed",
        "records_fit_their_schema contact_changed",
        "a_record_can_be_fetched contact_changed",
        "records_have_cursors contact_changed",
        "nothing_new_since_the_last_cursor contact_changed",
        "records_have_unique_keys note_changed",
        "records_fit_their_schema note_changed",
        "searches_find_nothing_for_nonsense find_contact",
    ]
    assert {one["method"] for one in practice.requests} == {"GET"}
    assert found["records_have_unique_keys contact_changed"].message == "8 read."


def test_what_needs_a_value_is_told_and_not_counted() -> None:
    check, practice = live()
    found = verdicts(check, practice)["records_have_unique_keys note_changed"]
    assert (found.passed, found.made) == (True, False)
    assert found.message == "It needs a value: add `--set note_changed.contact_id=…`."


def test_a_connection_that_does_not_work_ends_it() -> None:
    check, practice = live()
    connection = replace(check.connection, secrets={"api_key": "wrong"})
    found = verdicts(replace(check, connection=connection), practice)
    assert list(failed(found)) == ["the_connection_works"]
    assert len(found) == 1


def spoil(practice: PracticeServer, **values: Any) -> None:
    for row in practice.records()["contacts"]:
        row.update(values)


@pytest.mark.parametrize(
    ("values", "check", "said"),
    [
        ({"id": 1}, "records_have_unique_keys", "Two records have the id 1."),
        ({"id": None}, "records_have_unique_keys", "A record has no 'id', which is its key."),
        ({"email": 5}, "records_fit_their_schema", "The field 'email' was text and is a number now."),
        ({"status": "gone"}, "records_fit_their_schema", "A record breaks its schema at $.status."),
    ],
)  # fmt: skip
def test_what_is_not_as_declared_fails_with_a_sentence(
    values: dict[str, Any], check: str, said: str
) -> None:
    one, practice = live()
    spoil(practice, **values)
    assert failed(verdicts(one, practice))[f"{check} contact_changed"] == said


def test_no_value_of_a_record_is_in_what_is_said() -> None:
    one, practice = live()
    spoil(practice, status="a private remark")
    assert "private" not in repr(verdicts(one, practice))


def test_actions_are_done_where_they_are_asked_for() -> None:
    one, practice = live(
        writes=frozenset({"create_contact"}),
        values={"create_contact": {"email": "new@mail.example"}},
    )
    found = verdicts(one, practice)
    assert found["an_example_is_taken create_contact"].passed
    assert "an_example_is_taken update_contact" not in found
    assert practice.records()["contacts"][-1]["email"] == "new@mail.example"
