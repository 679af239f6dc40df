"""Requests made from records: what can't be sent is refused before anything is."""

from typing import Any

import httpx2
import pytest

from engine.errors import InputError
from engine.http.building import built
from tests.engine.http.client.archive import Archive, Line


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Name": "Ada\r\nX-Injected: 1"},
        {"X-Name": "Ada\nX-Injected: 1"},
        {"X-Name": "Ada\x00"},
        {"X-Name": " Ada"},
        {"X-Name: Ada\r\nX-Injected": "1"},
        {"X Name": "Ada"},
        {"X-Name": "Zoë"},
    ],
    ids=range(7),
)
def test_a_header_stays_one_header(line: Line, archive: Archive, headers: dict[str, str]) -> None:
    http = line.to(archive)
    with pytest.raises(InputError) as caught:
        http.post("/papers", json={}, headers=headers)
    assert caught.value.code == "unsendable"
    assert "Ada" not in caught.value.message  # it may be secret
    assert archive.headers == []


@pytest.mark.parametrize(
    "content",
    [
        {"json": {"name": "\ud800"}},
        {"data": {"name": "\ud800"}},
        {"params": {"name": "\ud800"}},
    ],
    ids=["json", "form", "query"],
)
def test_half_a_character_is_the_records_fault(content: dict[str, Any]) -> None:
    with httpx2.Client() as client, pytest.raises(InputError, match="can't be sent"):
        built(client, "POST", "https://api.example.com/", None, content)
