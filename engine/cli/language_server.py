"""``language-server``: any editor that speaks the Language Server Protocol finds mistakes in recipes.

It says what ``bridgework check`` says, while one types, offers what may be written at the cursor, tells
what a word means, and corrects a line where the correction is certain.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine import memory
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from lsprotocol import types
    from pygls.lsp.server import LanguageServer
    from pygls.workspace import TextDocument

    from engine.recipe.findings import Finding

#: Keys of which a recipe has at least two at its left edge.
TELLING = frozenset({"trigger", "triggers", "steps", "blueprint", "inputs", "outputs"})


@click.command("language-server", short_help="Help an editor with recipes, over stdin and stdout.")
@with_workspace
def language_server(workspace: Workspace) -> None:
    """Speak the Language Server Protocol over stdin and stdout; editors start it themselves."""
    from engine.errors import SetupError

    try:
        server = build_server(workspace)
    except ImportError:
        raise SetupError(
            "The language server needs the package pygls.",
            hint=f"Install it with `{sys.executable} -m pip install 'bridgework[editor]'`.",
        ) from None
    memory.started()
    server.start_io()


def build_server(workspace: Workspace) -> "LanguageServer":
    """Return the server, ready to be started.

    :raises ImportError: pygls isn't installed.
    """
    from importlib.metadata import version

    from lsprotocol import types
    from pygls.lsp.server import LanguageServer

    server = LanguageServer("bridgework", version("bridgework"))
    host, there = workspace.host, workspace.connection_names()

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def changed(
        editor: LanguageServer,
        asked: types.DidOpenTextDocumentParams
        | types.DidChangeTextDocumentParams
        | types.DidSaveTextDocumentParams,
    ) -> None:
        document = editor.workspace.get_text_document(asked.text_document.uri)
        found = [_diagnostic(document, finding) for finding in findings(document)]
        editor.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(document.uri, found, document.version)
        )

    @server.feature(
        types.TEXT_DOCUMENT_COMPLETION,
        types.CompletionOptions(trigger_characters=[".", " ", "|", ":", "{"]),
    )
    def complete(editor: LanguageServer, asked: types.CompletionParams) -> types.CompletionList:
        from engine.recipe.editing.complete import completions

        document = editor.workspace.get_text_document(asked.text_document.uri)
        line, column = _place(document, asked.position)
        offered = completions(document.source, Path(document.path), line, column, host, there)
        items = [
            types.CompletionItem(
                label=one.label,
                detail=one.detail,
                documentation=one.documentation,
                text_edit=types.TextEdit(_range(document, line, one.start, one.end), one.insert),
            )
            for one in offered
        ]
        return types.CompletionList(is_incomplete=False, items=items)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def explain(editor: LanguageServer, asked: types.HoverParams) -> types.Hover | None:
        from engine.recipe.editing.complete import hover

        document = editor.workspace.get_text_document(asked.text_document.uri)
        line, column = _place(document, asked.position)
        found = hover(document.source, Path(document.path), line, column, host, there)
        if found is None:
            return None
        said = types.MarkupContent(
            types.MarkupKind.PlainText, f"{found.title}\n\n{found.text}".strip()
        )
        return types.Hover(said, _range(document, found.line, found.start, found.end))

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION)
    def correct(editor: LanguageServer, asked: types.CodeActionParams) -> list[types.CodeAction]:
        document = editor.workspace.get_text_document(asked.text_document.uri)
        lines = range(asked.range.start.line + 1, asked.range.end.line + 2)
        return [
            _correction(document, finding)
            for finding in findings(document)
            if finding.corrected and finding.position.line in lines
        ]

    def findings(document: "TextDocument") -> list["Finding"]:
        from engine.recipe.checking.check import check_text

        if not is_recipe(document.source):
            return []
        return check_text(document.source, Path(document.path), host, there, hints=True)

    return server


def is_recipe(text: str) -> bool:
    """Return whether a YAML file is a recipe: editors show other files, too."""
    return any(line.partition(":")[0] in TELLING for line in text.splitlines() if ":" in line)


def _diagnostic(document: "TextDocument", finding: "Finding") -> "types.Diagnostic":
    from lsprotocol import types

    line, column = finding.position.line, finding.position.column
    end = len(finding.source.rstrip()) + 1
    said = " ".join(part for part in (finding.message, finding.hint) if part)
    if finding.corrected:
        said += f"\nWrite: {finding.corrected.strip()}"
    return types.Diagnostic(
        range=_range(document, line, column, max(end, column + 1)),
        message=said,
        severity=types.DiagnosticSeverity.Error
        if finding.level == "mistake"
        else types.DiagnosticSeverity.Hint,
        code=finding.code,
        source="bridgework",
    )


def _correction(document: "TextDocument", finding: "Finding") -> "types.CodeAction":
    from lsprotocol import types

    line = finding.position.line
    whole = _range(document, line, 1, len(finding.source) + 1)
    edit = types.TextEdit(whole, finding.corrected)
    return types.CodeAction(
        title=f"Write: {finding.corrected.strip()}",
        kind=types.CodeActionKind.QuickFix,
        edit=types.WorkspaceEdit(changes={document.uri: [edit]}),
    )


def _place(document: "TextDocument", position: "types.Position") -> tuple[int, int]:
    """Return line and column, counting characters from 1; editors count otherwise."""
    found = document.position_from_client_units(position)
    return found.line + 1, found.character + 1


def _range(document: "TextDocument", line: int, start: int, end: int) -> "types.Range":
    from pygls.workspace import ServerTextPosition, ServerTextRange

    first, last = (ServerTextPosition(line - 1, column - 1) for column in (start, end))
    return document.range_to_client_units(ServerTextRange(first, last))
