"""Descriptions and commands that others wrote: whatever is in them stays text in what is written."""

import ast
from pathlib import Path
from typing import Any

import pytest

from engine.dropped_in import import_path
from engine.errors import SetupError
from engine.scaffold.curl import read_commands
from engine.scaffold.documents import DEEPEST, read_description
from engine.scaffold.from_curl import design_of_requests
from engine.scaffold.openapi import design_of
from engine.scaffold.writing import files_of, write

HOSTILE = [
    '"""+PWNED()+"""',
    '\\"""\nPWNED()\n"""',
    "{PWNED()}{0.__class__}%(x)s",
    "x\u2028PWNED()\x00\x85",
    "'])\nPWNED()#",
    "\\N{BULLET}\\",
]
#: Names that what is written uses by itself.
AWKWARD = ["request", "parts", "path", "str", "int", "datetime", "class", "refusal", "seed"]


def everywhere(text: str) -> dict[str, Any]:
    """Return a description with a text wherever one may stand."""
    record = {
        "type": "object",
        "title": text,
        "description": text,
        "properties": {
            "id": {"type": "string", "description": text, "example": text},
            text: {"type": "string", "title": text, "enum": [text, "b"], "default": text},
        },
    }
    many = {"type": "object", "properties": {"rows": {"type": "array", "items": record}}}
    answers = {"200": {"content": {"application/json": {"schema": record}}}}
    lists = {
        "200": {"content": {"application/json": {"schema": many, "example": {"rows": [{text: 1}]}}}}
    }
    key = {"name": text, "in": "path", "required": True, "description": text, "example": text}
    asked = {"name": text, "in": "query", "description": text, "schema": {"type": "string"}}
    fixed = {"name": "X-V", "in": "header", "required": True, "schema": {"enum": [text]}}
    words = {"operationId": text, "summary": text, "description": text, "tags": [text]}
    body = {"content": {"application/json": {"schema": record, "example": {"id": text}}}}
    one = f"/things/{{{text}}}"
    return {
        "openapi": "3.0.0",
        "info": {"title": text, "description": text, "version": text},
        "servers": [
            {"url": "https://{seed}.a.example/{seed}", "variables": {"seed": {"default": text}}}
        ],
        "security": [{text: []}],
        "components": {
            "securitySchemes": {
                text: {"type": "apiKey", "in": "header", "name": text, "x-prefix": text}
            }
        },
        "paths": {
            "/things": {
                "get": {**words, "parameters": [asked, fixed], "responses": lists},
                "post": {**words, "requestBody": body, "responses": answers},
            },
            one: {
                "get": {**words, "parameters": [key], "responses": answers},
                "put": {
                    **words,
                    "parameters": [key],
                    "requestBody": body,
                    "responses": {"204": {}},
                },
            },
        },
    }


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_in_a_description_becomes_code(text: str) -> None:
    design = design_of(everywhere(text), "evil")
    assert design.operations
    for name, content in files_of(design).items():
        content.encode()
        if name.endswith(".py"):
            called = {
                node.func.id
                for node in ast.walk(ast.parse(content))
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert "PWNED" not in called, name


@pytest.mark.parametrize("text", AWKWARD)
def test_what_names_of_its_own_would_break_works(text: str, tmp_path: Path) -> None:
    written = write(design_of(everywhere(text), f"awkward_{text}"), tmp_path)
    module = import_path(written.folder)
    assert module.connector.practice_function(1).name == f"awkward_{text}"


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "https://[::1/x", "https://me:pw@a.example", "javascript://x/%0a"]
)
def test_an_address_that_is_none_is_asked_for(url: str) -> None:
    description = {**everywhere("thing"), "servers": [{"url": url}]}
    assert design_of(description, "evil").base_url == "https://{host}"


def test_what_is_nested_without_end_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "api.json"
    schema = '{"items":' * DEEPEST + "{}" + "}" * DEEPEST
    path.write_text('{"openapi": "3.0.0", "paths": {"/a": {"get": ' + schema + "}}}")
    with pytest.raises(SetupError, match="nested too deeply"):
        read_description(path)


def test_half_a_character_is_no_reason_to_stop(tmp_path: Path) -> None:
    path = tmp_path / "api.yaml"
    path.write_text('openapi: 3.0.0\ninfo: {"\\ud800": "a\\ud800"}\npaths: {/a: {}}')
    assert read_description(path)["info"] == {"?": "a?"}


def test_bounds_that_no_sample_can_keep_are_dropped() -> None:
    record = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "minLength": 10**9},
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 10**9},
            "size": {"type": "number", "minimum": float("inf")},
        },
    }
    description = everywhere("thing")
    description["paths"]["/things"]["post"]["requestBody"]["content"] = {
        "application/json": {"schema": record}
    }
    assert len("".join(files_of(design_of(description, "evil")).values())) < 100_000


# -- commands --------------------------------------------------------------------------------------


def pasted(command: str) -> dict[str, str]:
    return files_of(design_of_requests(read_commands(command), "x"))


def test_a_password_that_is_a_word_of_the_code_breaks_nothing() -> None:
    files = pasted('curl -u examples:Connector https://a.example/n\n[{"id": 1, "t": "Connector"}]')
    for name, content in files.items():
        if name.endswith(".py"):
            ast.parse(content)
    assert "Connector" not in files["practice/sample_data.json"] + files["samples.py"]


def test_secrets_within_secrets_are_made_up_too() -> None:
    body = '{"auth": {"value": "first-1"}, "tokens": ["second-2"], "pin": 1234567, "note": "hello"}'
    files = pasted(f"curl https://a.example/n?sig=third-33 -d '{body}'")
    whole = "".join(files.values())
    assert not [one for one in ("first-1", "second-2", "1234567", "third-33") if one in whole]


@pytest.mark.parametrize("option", ["--pass=verysecret", "-Uproxy:verysecret"])
def test_values_of_unknown_options_are_told_nowhere(option: str) -> None:
    design = design_of_requests(read_commands(f"curl {option} https://a.example/n -d a=1"), "x")
    assert "verysecret" not in " ".join(design.remarks)
    assert option[:2] in " ".join(design.remarks)
