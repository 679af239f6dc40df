"""What an extra brings may be missing: the sentence names the Python that lacks it, of several."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli.commands import cli
from engine.errors import SetupError
from plugins.csv.places.sftp import logged_in
from plugins.email.practice import practice_mail


def serve_editors() -> None:
    ended = CliRunner().invoke(cli, ["language-server"])
    raise SetupError(ended.output, hint=ended.output)


@pytest.mark.parametrize(
    ("lacking", "extra", "wants"),
    [
        ("paramiko", "sftp", lambda: logged_in({}, {}).__enter__()),
        ("plugins.email.practice.server", "practice", lambda: practice_mail(1)),
        ("pygls.lsp.server", "editor", serve_editors),
    ],
    ids=["sftp", "practice", "editor"],
)
def test_a_hint_installs_for_the_python_that_runs(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    lacking: str,
    extra: str,
    wants: Callable[[], object],
) -> None:
    monkeypatch.setenv("BRIDGEWORK_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, lacking, None)  # as where it isn't installed
    with pytest.raises(SetupError) as caught:
        wants()
    hint = " ".join(caught.value.hint.split())
    assert f"`{sys.executable} -m pip install 'bridgework[{extra}]'`" in hint
