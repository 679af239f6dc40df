"""Descriptions of small APIs, each with its own log-in and way of paging."""

from typing import Any

ITEM: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "class": {"type": ["string", "null"]},
        "unitPrice": {"type": "number", "exclusiveMinimum": 0},
        "updatedAt": {"type": "string", "format": "date-time"},
        "state": {"type": "string", "enum": ["new", "used", "broken beyond repair", "lost at sea"]},
        "größe": {"type": "string"},
        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}},
        "maker": {"oneOf": [{"type": "string"}, {"$ref": "#/components/schemas/Maker"}]},
    },
}
PART = {
    "type": "object",
    "properties": {
        "lambda": {"type": "boolean"},
        "parent": {"$ref": "#/components/schemas/Part"},
    },
}
MAKER = {"type": "object", "properties": {"name": {"type": "string"}, "list": {"type": "integer"}}}

LOG_INS: dict[str, dict[str, Any]] = {
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "oauth": {
        "type": "oauth2",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "https://login.things.example/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "scopes": {"things:read": "read", "things:write": "write"},
            }
        },
    },
    "client": {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "https://things.example/token", "scopes": {}}},
    },
}

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 3}}

#: The query parameters of a list, and the rest of its answer.
PAGES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "offset": (
        [LIMIT, {"name": "offset", "in": "query", "schema": {"type": "integer"}}],
        {"total": {"type": "integer"}},
    ),
    "page": ([{"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 0}}], {}),
    "link": (
        [LIMIT],
        {"links": {"type": "object", "properties": {"next": {"type": "string", "format": "uri"}}}},
    ),
    "token": (
        [{"name": "cursor", "in": "query", "schema": {"type": "string"}}],
        {"meta": {"type": "object", "properties": {"next_cursor": {"type": ["string", "null"]}}}},
    ),
    "last": (
        [LIMIT, {"name": "starting_after", "in": "query", "schema": {"type": "integer"}}],
        {"has_more": {"type": "boolean"}},
    ),
    "none": ([], {}),
}


def api(log_in: str = "key", pages: str = "offset", **more: Any) -> dict[str, Any]:
    """Return a document with a list, its single records, and three ways to send."""
    parameters, rest = PAGES[pages]
    thing = {"$ref": "#/components/schemas/Thing"}
    listed = {"type": "object", "properties": {"data": {"type": "array", "items": thing}, **rest}}
    key = {"name": "thing-id", "in": "path", "required": True, "schema": {"type": "string"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": 'Things "&" <co>', "version": "1"},
        "servers": [
            {
                "url": "https://{tenant}.things.example/{version}/{tenant}",
                "variables": {"tenant": {"default": "demo"}, "version": {"default": "v2"}},
            }
        ],
        "security": [{"it": []}],
        "paths": {
            "/things": {
                "get": {
                    "parameters": [
                        *parameters,
                        {
                            "name": "updatedAfter",
                            "in": "query",
                            "schema": {"type": "string", "format": "date-time"},
                        },
                        {"name": "state", "in": "query", "schema": ITEM["properties"]["state"]},
                        {"name": "from", "in": "query", "schema": {"type": "string"}},
                    ],
                    "responses": answer(listed),
                },
                "post": {
                    "operationId": "addThing_things_post",
                    "parameters": [
                        {"name": "Idempotency-Key", "in": "header", "schema": {"type": "string"}}
                    ],
                    "requestBody": body(thing),
                    "responses": answer(thing, "201"),
                },
            },
            "/things/{thing-id}": {
                "parameters": [key],
                "get": {"responses": answer({"type": "object", "properties": {"thing": thing}})},
                "put": {"requestBody": body(thing), "responses": answer(thing)},
            },
            "/things/{thing-id}/archive": {
                "parameters": [key],
                "post": {
                    "summary": 'This archives a \\thing\\ "for good". Then it\'s gone.',
                    "responses": {"204": {"description": "done"}},
                },
            },
            "/forms": {
                "post": {
                    "requestBody": body(
                        {
                            "type": "object",
                            "required": ["count"],
                            "properties": {
                                "count": {"type": "integer"},
                                "urgent": {"type": "boolean"},
                                "answer": {"type": "string"},
                            },
                        },
                        "application/x-www-form-urlencoded",
                    ),
                    "responses": answer(
                        {"type": "object", "properties": {"done": {"type": "boolean"}}}
                    ),
                }
            },
        },
        "components": {
            "schemas": {"Thing": ITEM, "Part": PART, "Maker": MAKER},
            "securitySchemes": {"it": LOG_INS[log_in]},
        },
        **more,
    }


def answer(schema: dict[str, Any], code: str = "200") -> dict[str, Any]:
    return {code: {"description": "", "content": {"application/json": {"schema": schema}}}}


def body(schema: dict[str, Any], kind: str = "application/json") -> dict[str, Any]:
    return {"required": True, "content": {kind: {"schema": schema}}}
