"""Practice servers as processes of their own: started in the background, found again, checked."""

import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx2

from engine import memory
from engine.connector import Connector
from engine.errors import SetupError
from engine.guard import guarded
from engine.practice.server import PracticeServer

#: Seconds a practice server may take to come up.
START_SECONDS = 30


@dataclass(frozen=True)
class PracticeProcess:
    """A practice server that is up.

    :param pid: of the process it runs in.
    :param credentials: the settings a connection to it needs, besides its URL.
    :param log_ins: the same for each way to log in, where there are several.
    """

    connector: str
    url: str
    pid: int
    credentials: dict[str, Any]
    log_ins: dict[str, dict[str, Any]] = field(default_factory=dict)


def practice_server(connector: Connector, seed: int = 1, **options: Any) -> PracticeServer:
    """Build a connector's practice server.

    :param seed: of the sample data.
    :param options: of this connector's server, for demos and tests.
    :raises SetupError: the connector has none.
    :raises PluginCrash: it could not be built.
    """
    if connector.practice_function is None:
        raise SetupError(
            f"{connector.title} has no practice server.",
            hint="Recipes use it as it is, without a connection."
            if not connector.needs_connection
            else "Ask the connector's author for one.",
        )
    with guarded(connector.name, "practice"):
        return connector.practice_function(seed, **options)


def running_practice(home: Path, connector: Connector) -> PracticeProcess:
    """Return the connector's practice server of this home, started if it isn't up.

    :raises SetupError: it can't be started.
    """
    file = _memory(home, connector.name)
    known = _remembered(file)
    if known is not None and _answers(known.url):
        return known
    practice_server(connector)  # says at once, and clearly, when there is none
    found = _start(home, connector.name)
    file.touch(mode=0o600)  # it holds the practice credentials
    file.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return found


def stop_practice(home: Path, name: str) -> bool:
    """End the practice server that :func:`running_practice` started; return whether one was up."""
    file = _memory(home, name)
    known = _remembered(file)
    file.unlink(missing_ok=True)
    if known is None or not _answers(known.url):  # the number may be another process's by now
        return False
    os.kill(known.pid, signal.SIGTERM)
    return True


def wait_until_stopped() -> None:
    """Sleep until Ctrl-C or a request to end (SIGTERM)."""
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    memory.started()
    while not stopped.wait(3600):
        pass


def _start(home: Path, name: str) -> PracticeProcess:
    folder = home / "practice"
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "engine.cli", "practice", name, "--home", str(home)]
    with (folder / f"{name}.log").open("ab") as log:
        # A session of its own: it outlives this command and its terminal.
        process = subprocess.Popen(  # noqa: S603 - our own command
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    line = _first_line(process)
    try:
        said = json.loads(line)
        log_ins = said.get("log_ins", {})
        return PracticeProcess(name, said["url"], process.pid, said["credentials"], log_ins)
    except (ValueError, KeyError):
        process.kill()
        process.wait()
        raise SetupError(
            f"The practice server of {name!r} did not start.",
            hint=f"'{folder / f'{name}.log'}' says why.",
        ) from None


def _first_line(process: "subprocess.Popen[str]") -> str:
    """Return the first line the process prints; empty when it ends or takes too long."""
    output = process.stdout
    assert output is not None
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(output.readline()), daemon=True)
    reader.start()
    reader.join(START_SECONDS)
    if not reader.is_alive():
        output.close()
    return lines[0] if lines else ""


def _memory(home: Path, name: str) -> Path:
    return home / "practice" / f"{name}.json"


def _remembered(file: Path) -> PracticeProcess | None:
    try:
        return PracticeProcess(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/_practice/requests", timeout=2).is_success
    except httpx2.HTTPError:
        return False
