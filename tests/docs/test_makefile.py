"""What the Makefile says on a machine that lacks something."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Passes for another Python: of an older version, or without what makes environments.
OLD = """#!/bin/sh
exec {python} -c 'import sys; sys.version_info = (3, 10, 13); exec(sys.argv[1])' "$2"
"""
NO_VENV = """#!/bin/sh
[ "$1" = -c ] && exec {python} "$@"
mkdir -p .venv/bin && touch .venv/bin/python
echo "ensurepip is not available." >&2
exit 1
"""


@pytest.mark.parametrize(
    ("python", "said"),
    [(OLD, "needs Python 3.11 or newer; this is 3.10."), (NO_VENV, "ensurepip is not available.")],
    ids=["too old", "no venv"],
)
def test_python_that_wont_do_is_told_and_leaves_nothing_in_the_way(
    tmp_path: Path, python: str, said: str
) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    fake = tmp_path / "fake-python"
    fake.write_text(python.format(python=sys.executable))
    fake.chmod(0o755)
    result = subprocess.run(
        ["make", "demo", "PYTHON=./fake-python"], cwd=tmp_path, capture_output=True, text=True
    )
    assert result.returncode != 0
    assert said in result.stderr
    assert not (tmp_path / ".venv").exists()
