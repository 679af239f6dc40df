"""The language server, spoken to as an editor speaks: a process, and messages over its pipes."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

RECIPE = """\
name: Kept
trigger:
  use: csv.row_read
  with: {file: people.csv}
  as: person
steps:
  - id: line
    use: csv.append_rows
    with: {file: out.csv, columns: {name: "{{ persn.first_name }}", bee: "🐝 {{ person. }}"}}
"""


class Editor:
    """An editor with one recipe open."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "recipe.yaml"
        self.client = LanguageClient("editor", "1")
        self.told: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def told(found: types.PublishDiagnosticsParams) -> None:
            self.told.put_nowait(found)

    async def open(self, text: str) -> list[types.Diagnostic]:
        await self.client.start_io(sys.executable, "-m", "engine.cli", "language-server")
        capabilities = types.ClientCapabilities()
        await self.client.initialize_async(types.InitializeParams(capabilities=capabilities))
        self.client.initialized(types.InitializedParams())
        item = types.TextDocumentItem(self.path.as_uri(), "yaml", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return list((await asyncio.wait_for(self.told.get(), 60)).diagnostics)

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.path.as_uri())

    async def close(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()


def spoken(talk: Any) -> Any:
    return asyncio.run(talk)


def test_an_editor_is_told_of_mistakes_and_what_may_be_written() -> None:
    Path("people.csv").write_text("first_name,last_name\nAda,Byron\n", "utf-8")

    async def talk() -> None:
        editor = Editor(Path.cwd())
        try:
            found = await editor.open(RECIPE)
            [misspelt] = [one for one in found if one.code == "unknown-name"]
            assert "Did you mean 'person'?" in misspelt.message
            assert misspelt.range.start == types.Position(8, RECIPE.splitlines()[8].index("persn"))

            line = RECIPE.splitlines()[8]
            # Editors count in UTF-16: the bee takes two.
            at = types.Position(8, line.index("person. ") + len("person.") + 1)
            asked = types.CompletionParams(editor.document, at)
            offered = await editor.client.text_document_completion_async(asked)
            assert isinstance(offered, types.CompletionList)
            labels = [item.label for item in offered.items]
            assert {"first_name", "last_name"} <= set(labels)

            here = types.Range(misspelt.range.start, misspelt.range.end)
            context = types.CodeActionContext(diagnostics=[misspelt])
            actions = await editor.client.text_document_code_action_async(
                types.CodeActionParams(editor.document, here, context)
            )
            assert actions
            assert "person.first_name" in actions[0].title

            place = types.Position(2, RECIPE.splitlines()[2].index("row_read"))
            said = await editor.client.text_document_hover_async(
                types.HoverParams(editor.document, place)
            )
            assert said is not None
        finally:
            await editor.close()

    spoken(talk())


def test_other_yaml_is_left_alone() -> None:
    async def talk() -> None:
        editor = Editor(Path.cwd())
        try:
            assert await editor.open("version: 3\nservices: {web: {image: nginx}}\n") == []
        finally:
            await editor.close()

    spoken(talk())


@pytest.fixture(autouse=True)
def _where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
