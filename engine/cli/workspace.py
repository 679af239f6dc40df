"""What most commands work on: a home, its connectors, a folder of recipes; opened when first used."""

import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.group import Globals

if TYPE_CHECKING:
    from engine.host import Host
    from engine.live import LiveFields, ReadFields
    from engine.recipe.library import Library
    from engine.store.database import Store
    from engine.store.runs import Run


@dataclass
class Workspace:
    """A home folder and a folder of recipes.

    :param context: of the command line's root; what is opened is closed with it.
    :param database: its URL; default: as the environment says, else a file in ``home``.
    :param option: how the home was chosen, to be repeated in commands that are suggested.
    """

    context: click.Context
    home: Path
    recipes: Path
    database: str | None = None
    option: str = ""

    @cached_property
    def store(self) -> "Store":
        from engine.cli.logs import keep_log
        from engine.local_time import TIMEZONE_VARIABLE, local_zone
        from engine.store.database import open_store

        if os.environ.get(TIMEZONE_VARIABLE):
            local_zone()  # a wrong one is told at once, not in the middle of a run
        store = open_store(self.home, self.database)
        self.context.call_on_close(store.close)
        keep_log(self.context, self.home)
        return store

    @cached_property
    def host(self) -> "Host":
        """The installed connectors and those in the home's folder, loaded as they are used.

        Wrong ones are named and left out.
        """
        from engine.cli.output import say
        from engine.host import host_on_demand

        found = host_on_demand(self.home / "plugins", lambda problem: say(str(problem)))
        return replace(found, live=_LiveFields(self))

    @cached_property
    def library(self) -> "Library":
        from engine.recipe.library import Library

        return Library(self.recipes)

    def connection_names(self) -> list[str] | None:
        """Return the connections there are; None in a home that has none yet."""
        from engine.store.connections import list_connections

        found = [] if self.is_new else list_connections(self.store)
        return [connection.name for connection in found] or None

    def find_run(self, name: str) -> "Run":
        """Return the run called by its number, ``latest``, or the name of its recipe.

        :raises SetupError: there is none.
        """
        from engine.errors import SetupError
        from engine.store.runs import get_run, list_runs

        if name.isdigit():
            found = get_run(self.store, int(name))
        else:
            newest = list_runs(self.store, recipe=None if name == "latest" else name, limit=1)
            found = newest[0] if newest else None
        if found is None:
            what = "Nothing has run yet." if name == "latest" else f"There is no run {name!r}."
            raise SetupError(what, hint="`bridgework runs` lists what has run.")
        return found

    @property
    def is_new(self) -> bool:
        """Whether there is no database yet; commands that only look then leave no folder behind."""
        from engine.store.elsewhere import DATABASE, URL_VARIABLE, refuse_elsewhere

        if os.environ.get(URL_VARIABLE):
            return False
        refuse_elsewhere(self.home)
        return not (self.home / DATABASE).exists()


@dataclass(frozen=True)
class _LiveFields:
    """What accounts said of their own fields; nothing in a home that isn't there yet."""

    workspace: Workspace

    def known(
        self, connection: str, asked: str, parameters: Mapping[str, Any]
    ) -> "ReadFields | None":
        return self._read.known(connection, asked, parameters)

    def everything(self) -> "list[ReadFields]":
        return self._read.everything()

    @property
    def _read(self) -> "LiveFields":
        from engine.live import NothingRead
        from engine.store.live import StoredFields

        return NothingRead() if self.workspace.is_new else StoredFields(self.workspace.store)


def with_workspace(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its :class:`Workspace` and the options ``--home`` and ``--recipes``."""

    @click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the database, the keys and the log. "
        "[default: $BRIDGEWORK_HOME, else .bridgework]",
    )
    @click.option(
        "--recipes",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the recipes. [default: recipes]",
    )
    @click.pass_context
    @wraps(function)
    def command(
        context: click.Context,
        /,
        *args: Any,
        home: Path | None,
        recipes: Path | None,
        **kwargs: Any,
    ) -> Any:
        from engine.store.database import home_folder

        root = context.find_root()
        said: Globals = root.obj
        given = home or said.home
        said.home = given
        said.recipes = recipes or said.recipes or Path("recipes")
        option = f" --home {shlex.quote(str(given))}" if given else ""
        workspace = Workspace(root, home_folder(given), said.recipes, option=option)
        return context.invoke(function, workspace, *args, **kwargs)

    return command
