"""The plugin host: finds connectors, names those that can't be loaded, looks operations up."""

import re
import threading
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from traceback import extract_tb
from types import MappingProxyType
from typing import Any

import pluggy

from engine import hookspecs
from engine.connector import Connector
from engine.dropped_in import import_path
from engine.errors import PluginLoadError, SetupError
from engine.guard import is_ours
from engine.live import LiveFields, NothingRead
from engine.operations import Action, Trigger
from engine.validation import did_you_mean, validate

ENTRY_POINT_GROUP = "bridgework.connectors"
_ENGINE = str(Path(__file__).parent)


@dataclass(frozen=True)
class Host:
    """All connectors that could be loaded, and why the others could not.

    :param problems: of those that were loaded so far, where they are loaded on demand.
    :param live: what their apps said of fields that are known only once connected.
    """

    connectors: Mapping[str, Connector]
    problems: Sequence[PluginLoadError] = ()
    live: LiveFields = field(default_factory=NothingRead)

    def connector(self, name: str) -> Connector:
        """Return the connector called ``name``.

        :raises SetupError: there is none, or it has a mistake.
        """
        try:
            return self.connectors[name]
        except KeyError:
            for problem in self.problems:
                if name in re.split(r"[/\\.:]", problem.plugin):
                    raise SetupError(
                        f"The connector {name!r} can't be loaded as it is written.",
                        hint=f"{problem.message} {problem.hint}",
                    ) from None
            raise SetupError(
                f"There is no connector {name!r}.", hint=did_you_mean(name, self.connectors)
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
                hint=did_you_mean(name, [*connector.triggers, *connector.actions]),
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
    sources = _given(plugins) if plugins is not None else _installed()
    problems: list[PluginLoadError] = []

    def note(problem: PluginLoadError) -> None:
        if strict:
            raise problem
        problems.append(problem)

    found = _OnDemand([*sources, *_dropped_in(folder)], note)
    return Host(MappingProxyType(dict(found)), tuple(problems))


def host_on_demand(
    folder: Path, on_problem: Callable[[PluginLoadError], None] = lambda problem: None
) -> Host:
    """Return a host that loads the installed connectors, and those in ``folder``, as they are used.

    To load and check them all takes a fifth of a second, and a recipe has one or two. A plugin's
    connector is looked for under the name of its entry point, or of its file, before all others.

    :param on_problem: told of each plugin that can't be loaded; it is left out.
    """
    problems: list[PluginLoadError] = []

    def note(problem: PluginLoadError) -> None:
        problems.append(problem)
        on_problem(problem)

    return Host(_OnDemand([*_installed(), *_dropped_in(folder)], note), problems)


@dataclass(frozen=True)
class _Source:
    """Where a plugin comes from: what its connector is likely called, and what imports it."""

    name: str
    origin: str
    load: Callable[[], Any]


class _OnDemand(Mapping[str, Connector]):
    """Connectors by name, in its order; who goes through all of them loads all of them."""

    def __init__(self, sources: Iterable[_Source], note: Callable[[PluginLoadError], None]) -> None:
        self._waiting = list(sources)
        self._note = note
        self._loaded: dict[str, Connector] = {}
        self._loading = threading.RLock()
        self._manager = pluggy.PluginManager("bridgework")
        self._manager.add_hookspecs(hookspecs)

    def __getitem__(self, name: str) -> Connector:
        if name not in self._loaded:
            self._load(lambda source: source.name == name)
        if name not in self._loaded:
            self._load(lambda source: True)
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        self._load(lambda source: True)
        return iter(sorted(self._loaded))

    def __len__(self) -> int:
        self._load(lambda source: True)
        return len(self._loaded)

    def _load(self, wanted: Callable[[_Source], bool]) -> None:
        with self._loading:
            for source in [one for one in self._waiting if wanted(one)]:
                if source not in self._waiting:  # loaded meanwhile, on behalf of one before it
                    continue
                earlier = self._waiting[: self._waiting.index(source)]
                self._waiting.remove(source)
                try:
                    for connector in _register(self._manager, source.origin, source.load):
                        self._load_who_comes_first(source, connector, earlier)
                        _look_over(connector, source.origin, self._loaded)
                        self._loaded[connector.name] = connector
                except PluginLoadError as problem:
                    self._note(problem)

    def _load_who_comes_first(
        self, source: _Source, connector: Any, earlier: Container[_Source]
    ) -> None:
        """Load the plugins that a connector's name belongs to before one that is called otherwise.

        Of two with a connector of one name, it is the same that counts, whatever is asked for first.
        """
        if connector.name != source.name:
            self._load(lambda other: other.name == connector.name)
            self._load(lambda other: other in earlier)


# -- finding ---------------------------------------------------------------------------------------


def _installed() -> list[_Source]:
    from importlib.metadata import entry_points

    points = entry_points(group=ENTRY_POINT_GROUP)
    return [_Source(point.name, point.value, point.load) for point in points]


def _given(plugins: Iterable[Any]) -> list[_Source]:
    def source(plugin: Any) -> _Source:
        return _Source("", getattr(plugin, "__name__", repr(plugin)), lambda: plugin)

    return [source(plugin) for plugin in plugins]


def _dropped_in(folder: Path | None) -> Iterator[_Source]:
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.suffix == ".py" or (path / "__init__.py").is_file():
            yield _Source(path.stem, str(path), partial(import_path, path))


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
    except BaseException as error:  # a script's sys.exit() too ends only its own plugin
        if is_ours(error):
            raise
        raise PluginLoadError(
            origin,
            "",
            f"it could not be imported: {type(error).__name__}: {error}{_where(error)}",
            hint="Correct the plugin or remove it.",
        ) from error
    caller = manager.subset_hook_caller(
        "register_connectors", [p for p in manager.get_plugins() if p is not plugin]
    )
    try:
        connectors = [item for answer in caller() for item in answer or ()]
    except BaseException as error:
        if is_ours(error):
            raise
        raise PluginLoadError(
            origin,
            "register_connectors",
            f"it raised {type(error).__name__}: {error}",
            hint="Correct the plugin or remove it.",
        ) from error
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


def _where(error: BaseException) -> str:
    """Return which line of a plugin led to an error; empty where none did, or Python has said it."""
    if isinstance(error, SyntaxError):
        return ""
    frames = extract_tb(error.__traceback__)
    own = [
        at
        for at in frames
        if not at.filename.startswith((_ENGINE, "<")) and "importlib" not in at.filename
    ]
    return f" (line {own[-1].lineno} of {Path(own[-1].filename).name})" if own else ""


def _look_over(connector: Connector, origin: str, taken: Container[str]) -> None:
    """Check a connector's declarations, whatever looking at them leads to."""
    try:
        validate(connector, origin, taken=taken)
    except PluginLoadError:
        raise
    except BaseException as error:
        if is_ours(error):
            raise
        raise PluginLoadError(
            origin,
            "",
            f"its declarations could not be read: {type(error).__name__}: {error}",
            hint="Correct the plugin or remove it.",
        ) from error
