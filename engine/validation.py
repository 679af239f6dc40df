"""Refuses connectors that are declared wrongly, naming the operation, what is wrong, and the remedy."""

import difflib
import re
from collections.abc import Container, Iterable
from inspect import isasyncgenfunction, iscoroutinefunction
from typing import Any

from engine.connector import Connector
from engine.errors import PluginLoadError
from engine.operations import Action, Trigger
from engine.parameters import parameters_of
from engine.webhooks import Webhook

NAME = re.compile(r"[a-z][a-z0-9_]*")


def validate(connector: Connector, origin: str, taken: Container[str] = ()) -> None:
    """Check a connector's declarations.

    :param taken: names of the connectors already loaded.
    :raises PluginLoadError: naming the operation, what is wrong with it, and the remedy.
    """

    def fail(operation: str, problem: str, hint: str) -> None:
        raise PluginLoadError(origin, operation, problem, hint=hint)

    if not NAME.fullmatch(connector.name):
        fail(
            "", f"the name {connector.name!r} isn't lower-case letters, digits and _", "Rename it."
        )
    if connector.name in taken:
        fail("", f"another plugin already brings {connector.name!r}", "Rename or remove one.")
    for name, problem, hint in connector.problems:
        fail(name, problem, hint)
    if connector.needs_connection and connector.check_function is None:
        fail(
            "check",
            "it logs in but can't test a connection",
            "Add a function decorated with @connector.check that returns the account's name.",
        )
    try:
        _ = connector.settings_schema
    except (TypeError, NameError) as error:
        fail(
            "settings", str(error), "Give a TypedDict of engine.sdk whose types JSON Schema knows."
        )
    operations: list[Trigger | Action] = [*connector.triggers.values(), *connector.actions.values()]
    asking: dict[str, Any] = {}
    for operation in operations:
        name = operation.name
        if not NAME.fullmatch(name):
            fail(name, "its name isn't lower-case letters, digits and _", "Rename the function.")
        if not operation.help:
            fail(name, "it has no docstring", "Say in one sentence what it does; users read it.")
        if iscoroutinefunction(operation.function) or isasyncgenfunction(operation.function):
            hint = "Write a plain function: Bridgework makes many calls at a time by itself."
            fail(name, "it is an `async` function", hint)
        try:
            _ = operation.inputs, operation.result
        except (TypeError, NameError) as error:
            fail(name, str(error), "Annotate every parameter with a type JSON Schema can express.")
        _validate_live(operation, asking, fail)
        if isinstance(operation, Trigger):
            _validate_trigger(operation, fail)
            continue
        if operation.kind == "batch":
            _validate_batch(operation, fail)
        _validate_find(operation, fail)
    for hook in connector.webhooks.values():
        _validate_webhook(connector, hook, fail)


def _validate_trigger(trigger: Trigger, fail: Any) -> None:
    for role in ("key", "cursor", "label"):
        name = getattr(trigger, role)
        if name is not None and name not in (trigger.sample or {}):
            fail(
                trigger.name,
                f"its {role} {name!r} is not in its sample",
                f"Give a sample record that has {name!r}, or correct the {role}.",
            )
    if trigger.cursor is not None and not trigger.takes_since:
        fail(
            trigger.name,
            "it declares a cursor but has no parameter 'since'",
            "Add `since: datetime | None` and pass it on to the API.",
        )


def _validate_live(operation: Trigger | Action, asking: dict[str, Any], fail: Any) -> None:
    """Check the functions that ask for fields; what they read is kept by their names.

    :param asking: those of the operations before, by name; this one's are added.
    """
    for function in operation.asking:
        name = function.__name__
        if asking.setdefault(name, function) is not function:
            fail(operation.name, f"two functions {name!r} give a schema", "Rename one of them.")
    for name, unknown in operation.misasked:
        hint = f"It may name: {', '.join(operation.parameters.get('properties', {})) or 'nothing'}."
        fail(operation.name, f"its {name} asks for {unknown!r}, which is no parameter of it", hint)


def _validate_batch(action: Action, fail: Any) -> None:
    if action.size < 1:
        fail(action.name, f"its size is {action.size}", "Give the rows that one call may carry.")
    own = set(action.parameters.get("properties", {}))
    both = own & set((action.row or {}).get("properties", {}))
    if both:
        fail(
            action.name,
            f"{', '.join(sorted(both))} is both a parameter and a field of its rows",
            "Rename one: a recipe writes both under `with:`.",
        )


def _validate_webhook(connector: Connector, hook: Webhook, fail: Any) -> None:
    name = f"{hook.trigger} (webhook)"
    trigger = connector.triggers.get(hook.trigger)
    if trigger is None:
        fail(
            name,
            f"there is no trigger {hook.trigger!r}",
            "Give connector.webhook() a function that is declared as a trigger of this connector. "
            + did_you_mean(hook.trigger, connector.triggers),
        )
        return
    if hook.deliveries_function is None:
        fail(
            name,
            "nothing says what its requests deliver",
            "Add a function decorated with @hook.deliveries that yields a Delivery for each thing "
            "a request says.",
        )
    if hook.subscribe_function is not None and hook.unsubscribe_function is None:
        fail(
            name,
            "it can be subscribed but not unsubscribed",
            "Add a function decorated with @hook.unsubscribe; a recipe that is switched off must "
            "not leave its webhook behind at the vendor.",
        )
    secrets = connector.settings_schema.get("properties", {})
    if hook.secret_setting and hook.secret_setting not in secrets:
        fail(
            name,
            f"the connection has no setting {hook.secret_setting!r}",
            "Add it to the connector's settings, with Field(secret=True).",
        )
    known = set(trigger.parameters.get("properties", {}))
    for function, given in (
        (hook.signature_function, set()),
        (hook.deliveries_function, {"request"}),
        (hook.subscribe_function, {"ctx", "url"}),
        (hook.wanted_function, {"record"}),
        (hook.form_function, set()),
    ):
        asked = set() if function is None else set(parameters_of(function))
        if strange := sorted(asked - given - known):
            fail(
                name,
                f"its function asks for {strange[0]!r}, which is no parameter of the trigger",
                f"It may name: {', '.join(sorted(given | known))}.",
            )


def _validate_find(action: Action, fail: Any) -> None:
    unknown = action.find_takes - {"since", *action.inputs.get("properties", {})}
    if unknown:
        fail(
            action.name,
            f"its find asks for {', '.join(sorted(unknown))}, which the action doesn't take",
            "Let it name parameters of the action, fields of its rows, or `since`.",
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint: the nearest of the names there are, or all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"There are: {', '.join(names)}." if names else "None is installed."
