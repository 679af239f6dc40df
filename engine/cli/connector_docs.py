"""``connectors docs`` writes what connectors declare as pages in Markdown."""

from pathlib import Path

import click

from engine.cli.connectors import connectors
from engine.cli.workspace import Workspace, with_workspace


@connectors.command("docs", short_help="Write pages about connectors from what they declare.")
@click.argument("names", nargs=-1, metavar="[NAME]…")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write NAME.md into this folder, and a README.md that lists all of them.",
)
@with_workspace
def docs(workspace: Workspace, names: tuple[str, ...], folder: Path | None) -> None:
    """Write a page in Markdown about each connector NAME, or about all that are installed.

    It holds what it is for, how it is set up, its limits, every operation with its fields, records
    and a piece of YAML to copy, and example recipes. Without --to it is printed.
    """
    from engine.cli.output import say
    from engine.recipe.gallery import examples
    from engine.reference.document import describe
    from engine.reference.markdown import connector_markdown, index_markdown

    every = examples()
    asked = names or tuple(workspace.host.connectors)
    pages = [describe(workspace.host.connector(name), every) for name in asked]
    if folder is None:
        click.echo("\n".join(connector_markdown(page) for page in pages), nl=False)
        return
    written = {f"{page.name}.md": connector_markdown(page) for page in pages}
    if not names:
        written["README.md"] = index_markdown(pages)
    changed = [name for name, text in written.items() if _write(folder / name, text)]
    say(f"{len(changed)} of {len(written)} pages in '{folder}' changed." + _listed(changed))


def _write(file: Path, text: str) -> bool:
    """Write a page; say whether it is another one than before."""
    if file.is_file() and file.read_text("utf-8") == text:
        return False
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return True


def _listed(names: list[str]) -> str:
    return f" They are: {', '.join(names)}." if names else ""
