"""``python -m engine.drift.declaring PATH`` prints what the connectors of a folder, file or wheel declare.

A process of its own, so that a new version of a connector can be looked at beside the one in use, and
nothing of it is installed.
"""

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from configparser import ConfigParser
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from zipfile import BadZipFile, ZipFile

from engine.drift.declared import declared_by
from engine.errors import BridgeworkError, SetupError
from engine.host import ENTRY_POINT_GROUP, build_host
from engine.store.declarations import Declared

#: Seconds that loading a connector may take.
LONGEST = 60


def declared_at(path: Path) -> list[Declared]:
    """Return what the connectors of a folder, file or wheel declare, loaded in another process.

    :raises SetupError: there is nothing to load, or it can't be loaded.
    """
    if not path.exists():
        raise SetupError(
            f"There is no '{path}'.", hint="Give a connector's folder, .py file or wheel."
        )
    command = [sys.executable, "-m", "engine.drift.declaring", str(path.resolve())]
    try:
        ran = subprocess.run(  # noqa: S603 - this program itself; the path is an argument
            command, capture_output=True, text=True, timeout=LONGEST, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        raise SetupError(f"'{path}' took longer than {LONGEST} seconds to load.") from None
    try:
        told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        last = (ran.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise SetupError(f"'{path}' can't be loaded: {last}") from None
    if "problem" in told:
        raise SetupError(told["problem"], hint=told["hint"])
    return [Declared(**one) for one in told["connectors"]]


def main(given: str) -> None:
    path = Path(given)
    try:
        host = build_host([*_plugins(path)], strict=True)
    except BridgeworkError as error:
        print(json.dumps({"problem": error.message, "hint": error.hint}))
        return
    version = path.name.split("-")[1] if path.suffix == ".whl" else ""
    found = [declared_by(one, with_version=False) for one in host.connectors.values()]
    told = [
        {"connector": one.connector, "version": version, "operations": one.operations}
        for one in found
    ]
    print(json.dumps({"connectors": told}))


def _plugins(path: Path) -> Iterator[ModuleType]:
    if path.suffix == ".whl":
        with TemporaryDirectory() as unpacked:
            names = _unpacked(path, unpacked)
            sys.path.insert(0, unpacked)
            yield from (_imported(name) for name in names)
    else:
        # A plugin of the package `plugins` is still known by that name where it stands in one.
        top = path.parent
        name = path.stem
        while (top / "__init__.py").is_file():
            name, top = f"{top.name}.{name}", top.parent
        sys.path.insert(0, str(top))
        yield _imported(name)


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise SetupError(
            f"'{name}' can't be imported: {type(error).__name__}: {error}.",
            hint="What it needs besides Bridgework must be installed.",
        ) from error


def _unpacked(wheel: Path, folder: str) -> list[str]:
    """Unpack a wheel; return the modules that it says its connectors are in."""
    parser = ConfigParser(delimiters=("=",))
    try:
        with ZipFile(wheel) as archive:
            archive.extractall(folder)
            for name in archive.namelist():
                if name.endswith(".dist-info/entry_points.txt"):
                    parser.read_string(archive.read(name).decode())
    except BadZipFile as error:
        raise SetupError(f"'{wheel}' is no wheel: {error}.") from error
    if not parser.has_section(ENTRY_POINT_GROUP):
        raise SetupError(
            f"'{wheel}' has no connector.",
            hint=f"Its entry points name none in the group {ENTRY_POINT_GROUP!r}.",
        )
    return [value for _, value in parser.items(ENTRY_POINT_GROUP)]


if __name__ == "__main__":
    main(sys.argv[1])
