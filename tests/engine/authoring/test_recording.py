"""Recordings hold together, and nobody and nothing secret is in them."""

import json
from pathlib import Path

import httpx2
import pytest

from engine.authoring.live import LiveCheck, check_live
from engine.authoring.pseudonyms import Pseudonyms
from engine.authoring.recording import FILE, Recorder, replayed
from engine.errors import SetupError
from engine.host import Host, build_host
from engine.http.connect import new_connection
from engine.redaction import HIDDEN, register

SALT = b"0123456789abcdef"


def names(**more: object) -> Pseudonyms:
    return Pseudonyms(salt=SALT, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def shipped() -> Host:
    return build_host()


def recorded(shipped: Host, name: str, folder: Path) -> tuple[str, str]:
    """Record the practice server's answers; return the recording, and all that the server holds."""
    connector = shipped.connector(name)
    assert connector.practice_function is not None
    practice = connector.practice_function(1)
    settings = {**practice.credentials(), "base_url": "http://practice.test"}
    live = LiveCheck(connector, new_connection(connector, name, settings, practice=True))
    recorder = Recorder(live, "http://practice.test")
    transport = httpx2.WSGITransport(app=practice)
    made = list(check_live(live, transport=transport, heard=recorder))
    assert [one.message for one in made if not one.passed] == []
    text = recorder.save(folder).read_text()
    for secret in practice.credentials().values():
        assert len(str(secret)) < 8 or str(secret) not in text
    return text, json.dumps(practice.records(), ensure_ascii=False)


@pytest.mark.parametrize("name", ["clio", "mailchimp", "stripe"])
def test_what_passed_passes_again_without_network(shipped: Host, name: str, tmp_path: Path) -> None:
    text, _ = recorded(shipped, name, tmp_path)
    assert "practice.test" not in text
    live, transport = replayed(shipped.connector(name), tmp_path)
    again = list(check_live(live, transport=transport))
    assert [(one.check, one.operation, one.message) for one in again if not one.passed] == []
    assert len(again) > 10


def test_nobody_is_in_a_recording(shipped: Host, tmp_path: Path) -> None:
    text, held = recorded(shipped, "mailchimp", tmp_path)
    people = {
        value
        for row in json.loads(held)["members"]
        for value in (row["email_address"], row["merge_fields"]["LNAME"])
        if len(value) > 4
    }
    assert len(people) > 20
    assert [one for one in people if one in text] == []


def test_a_connector_that_asks_for_something_else_is_told(shipped: Host, tmp_path: Path) -> None:
    recorded(shipped, "mailchimp", tmp_path)
    document = json.loads((tmp_path / FILE).read_text())
    document["exchanges"] = document["exchanges"][:1]
    (tmp_path / FILE).write_text(json.dumps(document))
    live, transport = replayed(shipped.connector("mailchimp"), tmp_path)
    said = [one.message for one in check_live(live, transport=transport) if not one.passed]
    assert said[0].startswith("The recording has no answer to GET /3.0/lists")


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "can't be read"), ("{}", "is no recording"), ("[", "is no recording")],
)
def test_what_is_no_recording_is_said(
    shipped: Host, tmp_path: Path, content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(SetupError, match=said):
        replayed(shipped.connector("clio"), tmp_path)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("2026-01-31T20:30:00Z", "updated_at"),
        ("2026-01-31", "due"),
        ("subscribed", "status"),
        ("USD", "currency"),
        (12345, "id"),
        (1769891400, "created_at"),
        (True, "vip"),
        (None, "name"),
        ("2026-09-30.clover", "api_version"),
    ],
    ids=range(9),
)
def test_what_says_nothing_of_people_stays(value: object, name: str) -> None:
    assert names().value(value, name) == value


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Ada Byron", "title"),
        ("ada", "first_name"),
        ("+12125550100", "phone"),
        (12125550100, "phone"),
        ("1815-12-10", "birth_date"),
        ("62eeb292278cc15f5817cb78f7790b08", "id"),
        (123456789, "account"),
        ("https://ada.example/home", "website"),
    ],
    ids=range(8),
)
def test_what_may_be_about_somebody_is_replaced(value: object, name: str) -> None:
    found = names().value(value, name)
    assert found != value
    assert type(found) is type(value)
    assert names().value(value, name) == found  # the same each time, so that it holds together
    assert len(str(found)) == len(str(value))


def test_addresses_of_people_stay_addresses() -> None:
    found = names().value("ada.byron@firm.example", "login")
    assert found.endswith("@mail.example")
    assert "ada" not in found


def test_names_of_fields_that_are_data_are_replaced() -> None:
    assert "ada@firm.example" not in names().value({"ada@firm.example": 1})


def test_secrets_are_covered() -> None:
    assert names().value({"access_token": "abc"}) == {"access_token": HIDDEN}


def test_an_id_is_the_same_in_an_answer_and_in_the_next_requests_address() -> None:
    one = names(origin="https://api.example.com")
    row = one.value({"id": "cus_9xKq", "url": "https://api.example.com/v1/customers/cus_9xKq?a=1"})
    target = one.target("https://api.example.com/v1/customers/cus_9xKq.json?fields=name,city&a=1")
    assert target == f"/v1/customers/{row['id']}.json?fields=name%2Ccity&a=1"
    assert row["url"] == f"https://recorded.invalid/v1/customers/{row['id']}?a=1"


@pytest.mark.parametrize(
    "record",
    [
        {"FNAME": "SMITH"},
        {"name": {"first": "ada", "last": "BYRON"}},
        {"custom_field_values": [{"field_name": "Client", "value": "smith"}]},
        {"answers": ["jones"]},
        {"tags": ["vip"]},
    ],
    ids=["merge field", "parts of a name", "custom field", "answer", "tag"],
)
def test_what_people_fill_in_is_no_code_word(record: dict[str, object]) -> None:
    written = json.dumps(names().value(record))
    assert not [
        w for w in ("SMITH", "smith", "ada", "BYRON", "jones", "vip") if f'"{w}"' in written
    ]


def test_a_text_with_a_secret_in_it_is_replaced_around_it() -> None:
    register("a-very-secret-word")
    found = names().text("Ada Byron has a-very-secret-word")
    assert HIDDEN in found
    assert "Byron" not in found
