"""What a connector's README says that its declarations can't: how to set it up, and how good it is."""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.connector import Connector

#: Headings of the sections that a connector's page shows.
SETUP = ("Setting up", "Connecting")
LIMITS = ("Limits",)
QUALITY = ("Quality",)
#: A link to a file beside the README, which isn't beside the page.
_BESIDE = re.compile(r"\[([^\]]+)\]\((?!\w+:|#|\.\./)[^)]*\)")
_HEADING = re.compile(r"^## +(.+?) *$", re.MULTILINE)


@dataclass(frozen=True)
class Readme:
    """The parts of a README that a connector's page shows, in Markdown; empty where there are none.

    :param purpose: what the connector is for.
    """

    purpose: str = ""
    setup: str = ""
    limits: str = ""
    quality: str = ""


def readme_of(connector: Connector) -> Readme:
    """Return what the README beside a connector says; without one, what its docstring says."""
    folder, docstring = _home(connector)
    text = ""
    if folder is not None and (file := folder / "README.md").is_file():
        text = file.read_text("utf-8", errors="replace")
    if not text:
        return Readme(purpose=docstring)
    parts = _HEADING.split(_BESIDE.sub(r"\1", text))
    sections = dict(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))
    intro = re.sub(r"\A\s*# .*\n", "", parts[0]).strip()

    def section(headings: tuple[str, ...]) -> str:
        return next((sections[name] for name in headings if name in sections), "")

    return Readme(intro or docstring, section(SETUP), section(LIMITS), section(QUALITY))


def _home(connector: Connector) -> tuple[Path | None, str]:
    """Return the folder of the package that brings a connector, and what its module says of it."""
    for function in _functions(connector):
        name = inspect.unwrap(function).__module__
        module = sys.modules.get(name)
        while "." in name and not _brings(module, connector):
            name = name.rpartition(".")[0]
            module = sys.modules.get(name)
        if _brings(module, connector):
            file, paths = getattr(module, "__file__", None), getattr(module, "__path__", None)
            return (Path(file).parent if file and paths else None), inspect.getdoc(module) or ""
    return None, ""


def _brings(module: Any, connector: Connector) -> bool:
    """Say whether a module is the plugin: connectors are values of the module that registers them."""
    return any(value is connector for value in vars(module).values()) if module else False


def _functions(connector: Connector) -> Iterator[Callable[..., Any]]:
    for operation in (*connector.triggers.values(), *connector.actions.values()):
        yield operation.function
    if connector.check_function is not None:
        yield connector.check_function
