"""Runs a connector's contract suite in a process of its own, and says what became of each check.

Here nothing of pytest is imported, which an installation without the ``test`` extra lacks.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.errors import SetupError

#: The module pytest collects; it is all that an author's own test file holds.
MODULE = """from pathlib import Path

from engine.testing import connector_suite

TestContract = connector_suite({name!r}, folder=Path({folder!r}))
"""


@dataclass(frozen=True)
class Verdict:
    """What became of one check.

    :param check: its name, as in :class:`~engine.examples.Examples`' ``exempt``.
    :param operation: what it was made for; empty where it is of the connector.
    :param about: what it checks, in one sentence.
    :param message: why it failed, and what to do; or why it wasn't made.
    :param made: False for a check that couldn't be made.
    """

    check: str
    operation: str
    about: str
    passed: bool
    message: str = ""
    made: bool = True


def run_suite(name: str, folder: Path) -> list[Verdict]:
    """Make all checks of a connector.

    :param folder: of connectors that were dropped in.
    :raises SetupError: pytest is missing, or ended without a word.
    """
    if find_spec("pytest") is None:
        raise SetupError(
            "The checks of a connector need pytest, which isn't installed.",
            hint=f"`{sys.executable} -m pip install 'bridgework[test]'` installs it.",
        )
    with TemporaryDirectory(prefix="bridgework-suite-") as temporary:
        place = Path(temporary)
        module, verdicts = place / "test_contract.py", place / "verdicts"
        module.write_text(MODULE.format(name=name, folder=str(folder.resolve())), encoding="utf-8")
        (place / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        ended = subprocess.run(  # noqa: S603 - our own command
            [
                *(sys.executable, "-m", "pytest", str(module), "-p", "engine.testing.telling"),
                *("-p", "no:cacheprovider", "--import-mode=importlib", "-q", "--tb=short"),
                *("--rootdir", temporary, "-c", str(place / "pytest.ini")),
            ],
            capture_output=True,
            text=True,
            check=False,
            env=_environment(verdicts),
        )
        lines = verdicts.read_text(encoding="utf-8").splitlines() if verdicts.exists() else []
    if not lines:
        said = (ended.stdout + ended.stderr).strip()
        raise SetupError(f"pytest ended without making a check of {name!r}.", hint=said[-1000:])
    return [Verdict(**json.loads(line)) for line in lines]


def _environment(verdicts: Path) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    # An author's other pytest plugins have no say in it.
    return {**own, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "BRIDGEWORK_VERDICTS": str(verdicts)}
