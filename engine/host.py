"""The plugin host: finds connectors, refuses wrong ones with a remedy, looks operations up."""

import difflib
import inspect
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pluggy

from engine import hookspecs
from engine.connector import Connector
from engine.dropped_in import import_path
from engine.errors import PluginLoadError, SetupError
from engine.live import LiveFields, NothingRead
from engine.operations import Action, Trigger
from engine.webhooks import Webhook

ENTRY_POINT_GROUP = "bridgework.connectors"
NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class Host:
    """All connectors that could be loaded, and why the others could not.

    :param live: what their apps said of fields that are known only once connected.
    """

    connectors: Mapping[str, Connector]
    problems: tuple[PluginLoadError, ...] = ()
    live: LiveFields = field(default_factory=NothingRead)

    def connector(self, name: str) -> Connector:
        """Return the connector called ``name``.

        :raises SetupError: there is none.
        """
        try:
            return self.connectors[name]
        except KeyError:
            raise SetupError(
                f"There is no connector {name!r}.", hint=_did_you_mean(name, self.connectors)
            ) from None

    def operation(self, full_name: str) -> Trigger | Action:
        """Return the trigger or action called ``connector.operation``.

        :raises SetupError: there is none; the hint names the nearest.
        """
        connector_name, _, name = full_name.partition(".")
        connector = self.connector(connector_name)
        operation = connector.operation(name)
        if operation is None:
            raise SetupError(
                f"{connector.title} has no trigger or action called {name!r}.",
                hint=_did_you_mean(name, [*connector.triggers, *connector.actions]),
            )
        return operation


def build_host(
    plugins: Iterable[Any] | None = None, *, folder: Path | None = None, strict: bool = False
) -> Host:
    """Load connectors from entry points and from ``folder``, or just the given ``plugins``.

    :param plugins: modules to load instead of the installed ones; for tests.
    :param folder: ``*.py`` files and packages in it are plugins too.
    :param strict: raise the first problem instead of keeping it in :attr:`Host.problems`, where
        one broken plugin leaves the others usable.
    :raises PluginLoadError: with ``strict``, when a plugin or connector is wrong.
    """
    manager = pluggy.PluginManager("bridgework")
    manager.add_hookspecs(hookspecs)
    problems: list[PluginLoadError] = []
    sources = _given(plugins) if plugins is not None else _installed()
    connectors: dict[str, Connector] = {}
    for origin, load in [*sources, *_dropped_in(folder)]:
        try:
            for connector in _register(manager, origin, load):
                validate(connector, origin, taken=connectors)
                connectors[connector.name] = connector
        except PluginLoadError as problem:
            if strict:
                raise
            problems.append(problem)
    return Host(MappingProxyType(dict(sorted(connectors.items()))), tuple(problems))


# -- finding ---------------------------------------------------------------------------------------


def _installed() -> list[tuple[str, Any]]:
    from importlib.metadata import entry_points

    return [(point.value, point.load) for point in entry_points(group=ENTRY_POINT_GROUP)]


def _given(plugins: Iterable[Any]) -> list[tuple[str, Any]]:
    return [(getattr(p, "__name__", repr(p)), lambda p=p: p) for p in plugins]


def _dropped_in(folder: Path | None) -> Iterator[tuple[str, Any]]:
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix == ".py" or (path / "__init__.py").is_file():
            yield str(path), lambda path=path: import_path(path)


def _register(manager: pluggy.PluginManager, origin: str, load: Any) -> list[Connector]:
    """Load one plugin and ask it for its connectors; every failure becomes a PluginLoadError."""
    try:
        plugin = load()
        manager.register(plugin, origin)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        if manager.is_registered(plugin):  # else its mistake is found with every later plugin again
            manager.unregister(plugin)
        raise PluginLoadError(
            origin,
            "",
            str(error).splitlines()[-1],  # pluggy's first lines name plugin and hook
            hint="Its hooks are listed in engine/hookspecs.py.",
        ) from error
    except (Exception, SystemExit) as error:  # a script's sys.exit() too ends only its own plugin
        raise PluginLoadError(
            origin,
            "",
            f"it could not be imported: {type(error).__name__}: {error}",
            hint="Correct the plugin or remove it.",
        ) from error
    caller = manager.subset_hook_caller(
        "register_connectors", [p for p in manager.get_plugins() if p is not plugin]
    )
    try:
        answers = caller()
    except (Exception, SystemExit) as error:
        raise PluginLoadError(
            origin,
            "register_connectors",
            f"it raised {type(error).__name__}: {error}",
            hint="Correct the plugin or remove it.",
        ) from error
    connectors = [item for answer in answers for item in answer or ()]
    if not connectors:
        raise PluginLoadError(
            origin,
            "register_connectors",
            "it registers no connector",
            hint="Add `@hookimpl def register_connectors(): return [connector]`.",
        )
    for item in connectors:
        if not isinstance(item, Connector):
            raise PluginLoadError(
                origin,
                "register_connectors",
                f"it returned {item!r}, which is no Connector",
                hint="Return a list of engine.sdk.Connector.",
            )
    return connectors


# -- checking --------------------------------------------------------------------------------------


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
            + _did_you_mean(hook.trigger, connector.triggers),
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
        asked = set() if function is None else set(inspect.signature(function).parameters)
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


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"There are: {', '.join(names)}." if names else "None is installed."
