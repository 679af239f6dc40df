"""The connector that is written where nothing is known: notes, whole and working, to be rewritten."""

from dataclasses import replace
from typing import Any

from engine.scaffold.design import Design
from engine.scaffold.openapi import design_of

_NOTE = {"$ref": "#/components/schemas/Note"}


def _text(about: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": about, **more}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _answer(schema: dict[str, Any]) -> dict[str, Any]:
    return {"200": {"content": {"application/json": {"schema": schema}}}}


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://api.example.com/v1"}],
    "security": [{"key": []}],
    "paths": {
        "/me": {
            "get": {"responses": _answer(_object(email={"type": "string", "format": "email"}))}
        },
        "/notes": {
            "get": {
                "parameters": [
                    {"name": "offset", "in": "query", "schema": {"type": "integer"}},
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {
                        "name": "changed_since",
                        "in": "query",
                        "schema": {"type": "string", "format": "date-time"},
                    },
                    {
                        "name": "folder",
                        "in": "query",
                        "schema": {"type": "string", "enum": ["inbox", "archive"]},
                    },
                ],
                "responses": _answer(_object(notes={"type": "array", "items": _NOTE})),
            },
            "post": {
                "summary": "Create note",
                "parameters": [
                    {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["text"],
                                "properties": {
                                    "text": _text("What it says.", maxLength=500),
                                    "folder": {"type": "string", "enum": ["inbox", "archive"]},
                                },
                            }
                        }
                    },
                },
                "responses": _answer(_NOTE),
            },
        },
        "/notes/{note_id}": {
            "get": {
                "parameters": [
                    {
                        "name": "note_id",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                ],
                "responses": _answer(_NOTE),
            }
        },
    },
    "components": {
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
        "schemas": {
            "Note": {
                "type": "object",
                "required": ["id", "text", "changed_at"],
                "properties": {
                    "id": {"type": "string"},
                    "text": _text("What it says.", examples=["Call Ada"]),
                    "folder": {"type": "string", "enum": ["inbox", "archive"]},
                    "changed_at": {"type": "string", "format": "date-time"},
                },
            }
        },
    },
}


def plain_design(name: str, title: str = "") -> Design:
    """Return a small connector that works with its own practice server."""
    title = title or name.replace("_", " ").capitalize()
    document = {
        **DOCUMENT,
        "info": {"title": title, "description": "A first connector, with notes."},
    }
    return replace(
        design_of(document, name, title),
        origin="nothing: its API is an example",
        remarks=(
            "There is no such service: put its address into `base_url`, and rewrite the operations, "
            "the practice server and the samples after its documentation. Run "
            f"`bridgework connectors test {name}` after each step.",
        ),
    )
