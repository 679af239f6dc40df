"""Commands as people paste them, and what becomes of the secrets in them."""

from pathlib import Path
from typing import Any

import pytest

from engine.errors import SetupError
from engine.scaffold.curl import Pasted, read_commands
from engine.scaffold.design import Design
from engine.scaffold.from_curl import design_of_requests
from engine.scaffold.writing import files_of
from tests.engine.scaffold.written import designs

CURLS = Path(__file__).parent / "curls.txt"


def read(command: str) -> Pasted:
    (found,) = read_commands(command)
    return found


def made(*commands: str) -> Design:
    return design_of_requests([one for text in commands for one in read_commands(text)], "x")


@pytest.mark.parametrize(
    ("command", "method", "body"),
    [
        ("curl https://a.example/x", "GET", None),
        ("curl -XDELETE https://a.example/x", "DELETE", None),
        ("""curl -d '{"a": 1}' https://a.example/x""", "POST", {"a": 1}),
        ("""curl --json '{"a": 1}' -X PUT https://a.example/x""", "PUT", {"a": 1}),
        ("""curl https://a.example/x --data-raw $'{"a": "it\\'s \\u00fc"}'""", "POST", {"a": "it's ü"}),
        ("curl https://a.example/x -d a=1 -d 'b=x%20y'", "POST", {"a": "1", "b": "x y"}),
        ("curl https://a.example/x --data-urlencode 'b=x y'", "POST", {"b": "x y"}),
        ("curl -sSL --compressed \\\n -o out.json \\\n https://a.example/x", "GET", None),
        ('curl.exe "https://a.example/x" ^\n -H "A: b"', "GET", None),
        ("$ curl a.example/x", "GET", None),
    ],
    ids=range(10),
)  # fmt: skip
def test_commands_are_read(command: str, method: str, body: Any) -> None:
    found = read(command)
    assert (found.method, found.url, found.body) == (method, "https://a.example/x", body)


def test_data_of_a_get_is_its_query() -> None:
    assert read("curl -G https://a.example/x -d q=1").query == (("q", "1"),)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("wget https://a.example", "There is no `curl` command in this."),
        ("curl", "There is no `curl` command in this."),
        ("curl -s", "This command has no address"),
        ("curl https://a.example https://b.example", "This command has 2 addresses"),
        ("curl 'https://a.example", "This command isn't complete: no closing quotation."),
        ("curl https://a.example -d @body.json", "sends the file 'body.json', which isn't here"),
        ("curl https://a.example -F a=@x.pdf", "a form of several parts"),
        ("curl https://a.example -d '{\"a\": <id>}'", "What this command sends isn't JSON"),
        ("curl ftp://a.example/x", "ftp://… is no address of an API"),
        ("curl https://a.example -X", "This `curl` command can't be read: argument -X/--request"),
    ],
    ids=range(10),
)
def test_what_cannot_be_read_is_said(command: str, said: str) -> None:
    with pytest.raises(SetupError) as caught:
        read_commands(command)
    assert said in caught.value.message
    assert caught.value.hint


def test_a_file_of_commands_has_their_answers_below_them() -> None:
    found = read_commands(CURLS.read_text())
    assert [one.method for one in found] == ["GET", "GET", "POST", "GET"]
    assert found[0].answer[1]["name"] == "Reisen"
    assert found[2].headers["x-api-version"] == "2026-01-01"


def test_answers_show_lists_and_single_records() -> None:
    design = next(one for one in designs() if one.name == "todo")
    assert design.base_url == "https://api.todo.example/rest/v2"
    assert [one.name for one in design.operations] == [
        "project_changed",
        "label_changed",
        "find_project",
        "create_task",
    ]
    assert design.lookups[0].fetches == "project_changed"
    assert design.login.kind == "bearer"
    assert dict(design.sendings[0].constants) == {"X-Api-Version": "2026-01-01"}


SECRETS = ("supersecret", "cookiemonster", "verysecret", "answeredsecret", "lovelace", "inaddress")


def test_no_secret_that_was_pasted_is_written() -> None:
    design = next(one for one in designs() if one.name == "todo")
    for name, text in files_of(design).items():
        for secret in SECRETS:
            assert secret not in text, name
    assert not any(secret in repr(design) for secret in SECRETS if secret != "verysecret")


def test_a_secret_that_stands_elsewhere_too_is_covered() -> None:
    design = made(
        """curl https://a.example/x -H 'X-Api-Key: abcdef123456' -d '{"note": "abcdef123456"}'"""
    )
    assert "abcdef123456" not in "".join(files_of(design).values())


@pytest.mark.parametrize(
    ("header", "login"),
    [
        ("Authorization: Bearer abcdef123456", ("bearer", "Authorization", "Bearer ")),
        ("Authorization: Token abcdef123456", ("key", "Authorization", "Token ")),
        ("Authorization: abcdef123456", ("key", "Authorization", "")),
        ("Authorization: Basic YWRhOmxvdmVsYWNl", ("basic", "", "")),
        ("X-Api-Key: abcdef123456", ("key", "X-Api-Key", "")),
        ("Accept: text/html", ("none", "", "")),
    ],
)
def test_a_header_with_a_key_is_the_log_in(header: str, login: tuple[str, str, str]) -> None:
    found = made(f"curl https://a.example/x -H '{header}' -d '{{\"a\": 1}}'").login
    assert (found.kind, found.header, found.prefix) == login


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://a.example/api/v1/notes/17/tags", "/notes/{note_id}/tags"),
        ("https://a.example/notes/8c0c8bcd-3d34-4f1c-9f1e-0a5b7e5d0b11", "/notes/{note_id}"),
        ("https://a.example/notes/{id}/archive", "/notes/{note_id}/archive"),
        ("https://a.example/notes/:id", "/notes/{note_id}"),
        ("https://a.example/hooks/T0AB1CD2E/B0AB1CD2E3F4", "/hooks/{hook_id}/{id}"),
    ],
)
def test_ids_in_addresses_become_fields(url: str, path: str) -> None:
    (one,) = made(f"curl {url} -d '{{\"a\": 1}}'").sendings
    assert one.path == path


def test_what_a_get_answers_has_to_be_known() -> None:
    design = made("curl https://a.example/notes")
    assert design.left_out == (
        (
            "GET /notes",
            "what it answers isn't known; put the answer's JSON below the command, in a file",
        ),
    )
