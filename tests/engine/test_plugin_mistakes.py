"""What the author of a plugin hears of a mistake in it."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.errors import PluginLoadError
from engine.host import build_host
from engine.sdk import Connector, Context, hookimpl


def test_plugin_that_cant_be_imported_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text(
        "from engine.sdk import Connector\n\n"
        "connector = Connector(name='notes', title='Notes')\n\n"
        "@connector.trigger('Note added')\n"
        "def note_added(ctx):\n    yield {}\n"
    )
    (tmp_path / "typo.py").write_text("def x(:\n")
    host = build_host([], folder=tmp_path)
    note, typo = [str(problem) for problem in host.problems]
    assert "missing 2 required keyword-only arguments: 'key' and 'sample'" in note
    assert "(line 5 of notes.py)" in note
    assert "line 1)" in typo
    assert "import" not in typo.partition("SyntaxError")[2]


def test_operations_are_plain_functions() -> None:
    connector = Connector(name="notes", title="Notes")

    @connector.action("Write a note")
    async def write(ctx: Context, text: str) -> None:
        """Write a note."""

    plugin = SimpleNamespace(__name__="notes", register_connectors=hookimpl(lambda: [connector]))
    with pytest.raises(PluginLoadError) as caught:
        build_host([plugin], strict=True)
    problem = caught.value
    assert (problem.operation, problem.message.count("`async`")) == ("write", 1)
    assert "plain function" in problem.hint
