"""What the author of a plugin hears of a mistake in it."""

from pathlib import Path

from engine.host import build_host


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


def test_operations_are_plain_functions(tmp_path: Path) -> None:
    (tmp_path / "notes.py").write_text(
        "from engine.sdk import Connector, hookimpl\n\n"
        "connector = Connector(name='notes', title='Notes')\n\n"
        "@connector.action('Write a note')\n"
        "async def write(ctx, text: str):\n"
        "    'Write a note.'\n\n"
        "@hookimpl\n"
        "def register_connectors():\n    return [connector]\n"
    )
    (problem,) = build_host([], folder=tmp_path).problems
    assert problem.operation == "write"
    assert str(problem).endswith(
        "notes.py', write: it is an `async` function. "
        "Write a plain function: Bridgework makes many calls at a time by itself."
    )
