"""The command ``bridgework serve``: pages, worker and scheduler in one process."""

from pathlib import Path

import click

#: Requests answered at once; a page is a few queries, and SQLite's readers don't wait.
THREADS = 8


@click.command()
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535))
@click.option("--host", "address", default="127.0.0.1", show_default=True, help="Address to serve.")
@click.option("--home", type=click.Path(path_type=Path, file_okay=False), help="Home folder.")
@click.option(
    "--recipes",
    default=Path("recipes"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of recipes.",
)
def serve(port: int, address: str, home: Path | None, recipes: Path) -> None:
    """Serve the web pages, run what is asked for, and start runs on schedule."""
    ...
