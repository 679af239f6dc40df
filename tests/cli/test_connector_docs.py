"""Pages about connectors, printed or written into a folder."""

from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Bridgework = Callable[..., Result]


def test_a_page_is_printed(bridgework: Bridgework) -> None:
    result = bridgework("connectors", "docs", "webhook")
    assert result.exit_code == 0
    assert result.stdout.startswith("# Webhook\n")
    assert "use: webhook." in result.stdout


def test_pages_and_their_list_are_written_and_stay_as_they_are(
    bridgework: Bridgework, tmp_path: Path
) -> None:
    folder = tmp_path / "pages"
    first = bridgework("connectors", "docs", "--to", str(folder))
    assert first.exit_code == 0, first.output
    assert (folder / "clio.md").read_text("utf-8").startswith("# Clio")
    assert "[Clio](clio.md)" in (folder / "README.md").read_text("utf-8")
    again = bridgework("connectors", "docs", "--to", str(folder))
    assert again.stderr.startswith("0 of ")


def test_a_connector_that_there_is_not_is_named(bridgework: Bridgework) -> None:
    result = bridgework("connectors", "docs", "cliio")
    assert result.exit_code == 3
    assert "Did you mean 'clio'?" in result.stderr
