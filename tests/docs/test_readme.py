"""README.md is short, and leads to every page; no page leads nowhere."""

import re
from pathlib import Path

HERE = Path(__file__).parents[2]
README = HERE / "README.md"
PAGES = sorted((HERE / "docs").rglob("*.md"))


def test_the_readme_is_short_and_leads_to_every_page() -> None:
    text = README.read_text("utf-8")
    assert len(text.splitlines()) < 150
    own = [page.name for page in PAGES if page.parent.name == "docs"]
    assert [name for name in own if f"](docs/{name})" not in text] == []


def test_links_between_pages_lead_to_files_that_are_there() -> None:
    broken = [
        f"{page.name}: {link}"
        for page in [README, *PAGES]
        for link in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not link.startswith(("http", "mailto")) and not (page.parent / link).exists()
    ]
    assert broken == []
