"""Files that describe APIs, and files that don't: each of those ends in one sentence."""

import json
from pathlib import Path

import pytest

from engine.errors import SetupError
from engine.scaffold import documents
from engine.scaffold.documents import read_description

GOOD = {"openapi": "3.0.0", "paths": {"/a": {}}}


def given(tmp_path: Path, content: bytes | str | dict[str, object]) -> Path:
    if isinstance(content, dict):
        content = json.dumps(content)
    path = tmp_path / "api.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_json_and_yaml_say_the_same(tmp_path: Path) -> None:
    as_json = read_description(given(tmp_path, GOOD))
    as_yaml = read_description(given(tmp_path, "openapi: 3.0.0\npaths: {/a: {}}"))
    assert as_json == as_yaml == GOOD


def test_yaml_keeps_texts_and_has_no_dates(tmp_path: Path) -> None:
    text = "openapi: 3.1.0\npaths: {/a: {}}\nx: {no: NO, on: 2026-01-31, 200: ok}"
    assert read_description(given(tmp_path, text))["x"] == {
        "no": "NO",
        "on": "2026-01-31",
        "200": "ok",
    }


BOMB = "a0: &a0 [1,1,1,1,1,1,1,1]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]\n" for n in range(1, 12)
)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no API description: it holds no map of fields"),
        (b"[1, 2]", "is no API description: it holds no map of fields"),
        (b'{"a": ', "is neither JSON nor YAML"),
        (b"a: [", "is neither JSON nor YAML"),
        (b"\xff\xfe\x00", "is neither JSON nor YAML"),
        (b"[" * 100_000, "is neither JSON nor YAML"),
        (b"a: " + b"{a: " * 3000, "is neither JSON nor YAML"),
        (BOMB.encode(), "its anchors repeat one another without end"),
        ({"swagger": "2.0", "paths": {"/a": {}}}, "Swagger 2.0, the form before OpenAPI 3"),
        ({"openapi": "4.0", "paths": {"/a": {}}}, "is OpenAPI 4.0; this reads 3.0 to 3.2"),
        ({"asyncapi": "2.0"}, "is no OpenAPI description but AsyncAPI"),
        ({"hello": "world"}, "is no OpenAPI description."),
        ({"openapi": "3.0.0"}, "describes no path of an API"),
        ({"openapi": "3.0.0", "paths": []}, "describes no path of an API"),
    ],
    ids=range(14),
)
def test_what_is_no_description_is_said_in_a_sentence(
    tmp_path: Path,
    content: bytes | dict[str, object],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(documents, "MOST_VALUES", 20_000)
    with pytest.raises(SetupError) as caught:
        read_description(given(tmp_path, content))
    assert said in caught.value.message
    assert caught.value.hint


def test_files_that_are_too_large_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = {**GOOD, "x": "y" * documents.LARGEST_YAML}
    assert read_description(given(tmp_path, large))["paths"] == GOOD["paths"]
    with pytest.raises(SetupError, match="MB of YAML"):
        read_description(given(tmp_path, f"# {'y' * documents.LARGEST_YAML}\nopenapi: 3.0.0"))
    monkeypatch.setattr(documents, "LARGEST", 1000)
    with pytest.raises(SetupError, match="more than is read"):
        read_description(given(tmp_path, large))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="can't be read: No such file"):
        read_description(tmp_path / "nothing.json")
