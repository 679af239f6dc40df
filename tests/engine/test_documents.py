"""What is looked for in an answer is found, however deep it stands, or isn't there."""

from typing import Any

import httpx2
import pytest

from engine.documents import dig, json_in

ANSWER = {"data": [{"id": 7}, {"id": 8, "tags": None}], "0": "zero"}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("data.0.id", 7),
        ("data.-1.id", 8),
        ("0", "zero"),
        ("", ANSWER),
        ("data.2.id", None),
        ("data.id", None),
        ("data.1.tags.0", None),
        ("0.0", None),
    ],
)
def test_a_value_stands_at_its_path_or_nowhere(path: str, found: Any) -> None:
    assert dig(ANSWER, path) == found


def test_an_answer_that_is_no_json_says_nothing() -> None:
    assert json_in(httpx2.Response(200, text="<html>")) is None
    assert json_in(httpx2.Response(200, text="[1]")) == [1]
