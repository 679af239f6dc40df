"""Job D: how long it takes until something is seen: a version, a checked recipe, a first record.

Each is a process of its own, and the command as people type it. A run's first record is there when
the sink has it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.measure import Usage, measure, watch
from bench.place import Place
from bench.sample_data import write_csv
from bench.servers import Server, running

TITLE = "D: from the start of the process until it has ended, or until the first record arrives"
RECIPES = Path(__file__).with_name("recipes")
ROWS = 20
#: What makes the bench's connector one that the command finds.
DROPPED_IN = "from bench.connector import register_connectors as register_connectors\n"


@dataclass(frozen=True)
class Starter:
    """What is started.

    :param arguments: of Python; ``HOME``, ``FOLDER``, ``SINK`` and ``RECIPES`` stand for the real ones.
    :param sends: it is measured until its first record arrives, else until it has ended.
    :param rival: what others are compared with is called this in the table.
    """

    title: str
    arguments: tuple[str, ...]
    sends: bool = False
    rival: str = ""


BRIDGEWORK = ("-m", "engine.cli", "--home", "HOME", "--recipes", "RECIPES")
STARTERS = (
    Starter("Python, pass", ("-c", "pass"), rival="Python"),
    Starter("Python, import httpx2", ("-c", "import httpx2"), rival="httpx2"),
    Starter("bridgework --version", ("-m", "engine.cli", "--version")),
    Starter("bridgework check b.yaml", (*BRIDGEWORK, "check", "RECIPES/b.yaml", "--json")),
    Starter(
        "by hand, first record",
        ("-m", "bench.cases", "hand_file_to_api", "FOLDER", "", "SINK"),
        sends=True,
        rival="hand",
    ),
    Starter("bridgework run, first record", (*BRIDGEWORK, "run", "b", "--json"), sends=True),
)


class Start:
    """A folder with a file of rows, a home, and a sink, for as long as the block runs."""

    def __init__(self, place: Place, sink: Server) -> None:
        self.place, self._sink = place, sink
        self._prepared = place.folder / "prepared"
        measure("prepare", place)
        (place.home / "plugins").mkdir()
        (place.home / "plugins" / "bench.py").write_text(DROPPED_IN)
        shutil.copytree(place.home, self._prepared)
        self._names = {
            "HOME": str(place.home),
            "FOLDER": str(place.folder),
            "SINK": place.sink,
            "RECIPES": str(RECIPES),
        }

    def measure(self, starter: Starter) -> Usage:
        """Start it once, in a home where it never ran.

        :raises RuntimeError: it failed, or nothing arrived.
        """
        shutil.rmtree(self.place.home)
        shutil.copytree(self._prepared, self.place.home)
        self._sink.empty()
        _, usage = watch([*map(self._named, starter.arguments)], self.place.folder, starter.title)
        if not starter.sends:
            return usage
        began = self._sink.began()
        if began is None:
            raise RuntimeError(f"{starter.title}: nothing arrived.")
        return Usage(usage.started, began - usage.started, usage.cpu, usage.peak)

    def _named(self, argument: str) -> str:
        name, slash, rest = argument.partition("/")
        return f"{self._names.get(name, name)}{slash}{rest}"


@contextmanager
def started() -> Iterator[Start]:
    """Make what the job needs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bridgework-")))
        sink = stack.enter_context(running("sink"))
        place = Place(folder, "", sink.url)
        write_csv(place.csv, ROWS)
        yield Start(place, sink)
