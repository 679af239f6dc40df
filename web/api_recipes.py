"""The API for other systems: which recipes there are, which can be started, and starting them.

``GET /api/recipes`` fills a picker, ``GET /api/recipes/<name>/fields`` says what to fill in, ``POST
/api/recipes/<name>/start`` runs the recipe with it, exactly as a webhook would. What became of a start
or a record is searched for: nothing found is an empty list, as Zapier wants it.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from flask import jsonify, request

from engine.errors import BridgeworkError, InputError
from engine.fields import Schema
from engine.run.telling.events import find_record
from engine.run.webhooks.startable import Startable, start, startable, the_startable
from engine.store.answered import look_at
from engine.webhooks import HookReply
from web.api_hooks import Answer, bp, known_recipe, with_token
from web.site import site

#: Bytes of a start's fields; as much as a webhook may hold.
LARGEST = 1024 * 1024
LONGEST_ID = 200

#: What Zapier calls the types of fields.
TYPES = {"number": "number", "integer": "integer", "boolean": "boolean"}
TIMES = {"date", "date-time"}


@bp.get("/recipes")
@with_token
def recipes() -> Answer:
    """List the recipes, as pickers want them; with ``?startable=1`` those that can be started."""
    can_start = startable(site().store, site().host)
    found = [_recipe(name, name in can_start) for name in site().library.names()]
    if request.args.get("startable"):
        found = [one for one in found if one["startable"]]
    return jsonify(found)


@bp.get("/recipes/<name>/fields")
@with_token
def fields(name: str) -> Answer:
    """List what is filled in to start a recipe, as Zapier's input fields."""
    form = _startable(name).form
    required = set(form.get("required", ()))
    return jsonify(
        [
            _field(key, schema, required=key in required)
            for key, schema in form.get("properties", {}).items()
        ]
    )


@bp.post("/recipes/<name>/start")
@with_token
def start_recipe(name: str) -> Answer:
    """Start a recipe with a JSON object of its fields.

    ``id`` in it, or the header ``Idempotency-Key``, tells one start from another.
    """
    request.max_content_length = LARGEST
    recipe, values = _startable(name), _values()
    given = request.headers.get("Idempotency-Key") or values.pop("id", None) or ""
    if not isinstance(given, str | int) or not _is_id(str(given)):
        raise InputError(
            f"The id is no text of up to {LONGEST_ID} characters on one line.",
            hint="Leave it out, or send what tells this start from others.",
            field="id",
        )
    started = start(
        site().store,
        recipe,
        values,
        datetime.now(UTC),
        id=str(given),
        answer=site().callers.answer,
    )
    answer = None if started.reply is None else _answered(started.reply)
    told = {"id": started.id, "recipe": name, "new": started.is_new, "answer": answer}
    return jsonify(told), 201 if started.is_new else 200


@bp.get("/recipes/<name>/starts")
@with_token
def starts(name: str) -> Answer:
    """List the start with ``?id=``, and what became of it; empty where there is none."""
    recipe = _startable(name)
    id = request.args.get("id", "")
    sight = look_at(site().store, recipe.hook.id, id) if _is_id(id) else None
    if sight is None:
        return jsonify([])
    return jsonify([{"id": id, "recipe": name, "state": sight.state, "outcome": sight.outcome}])


@bp.get("/records")
@with_token
def records() -> Answer:
    """List what last became of the record with ``?recipe=`` and ``?key=``; empty where nothing did."""
    recipe, key = known_recipe(request.args.get("recipe", "")), request.args.get("key", "")
    if not recipe or not key:
        missing = "key" if recipe else "recipe"
        raise InputError(f"There is no {missing}.", hint="Name a recipe and a key.", field=missing)
    if "\x00" in key:  # PostgreSQL takes no such text, so no record has it
        return jsonify([])
    return jsonify(find_record(site().store, recipe, key))


def _is_id(text: str) -> bool:
    """Say whether a text may tell one thing from another: short, and nothing in it is invisible."""
    return len(text) <= LONGEST_ID and text.isprintable()


def _startable(name: str) -> Startable:
    known_recipe(name)
    return the_startable(site().store, site().host, name)


def _recipe(name: str, can_start: bool) -> dict[str, Any]:
    title, description = name, ""
    with suppress(BridgeworkError):  # what is wrong with it is on its page
        recipe = site().library.load(name)
        title, description = recipe.title, recipe.description
    return {"id": name, "name": title, "description": description, "startable": can_start}


def _field(key: str, schema: Schema, *, required: bool) -> dict[str, Any]:
    kind = "datetime" if schema.get("format") in TIMES else TYPES.get(schema["type"], "string")
    found = {"key": key, "label": schema.get("title", key), "type": kind, "required": required}
    if schema.get("description"):
        found["helpText"] = schema["description"]
    if schema.get("enum"):
        found["choices"] = schema["enum"]
    return found


def _values() -> dict[str, Any]:
    """Return the body's fields, be it JSON or a form."""
    try:
        body = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    except RecursionError:  # nested deeper than anybody means it
        body = None
    if not isinstance(body, Mapping):
        raise InputError("The body is no JSON object.", hint='Send `{"email": "…"}`.')
    return dict(body)


def _answered(reply: HookReply) -> dict[str, Any]:
    """Return what the recipe answers; its body as it is meant, where it is JSON."""
    body: Any = reply.body
    with suppress(ValueError, RecursionError):
        body = json.loads(reply.body)
    return {"status": reply.status, "body": body}
