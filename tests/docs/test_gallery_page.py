"""docs/gallery.md lists the recipes that come with Bridgework, as they are."""

from pathlib import Path

from engine.recipe.gallery import rewritten

PAGE = Path(__file__).parents[2] / "docs" / "gallery.md"


def test_the_page_is_made_of_the_recipes() -> None:
    """`python -m engine.recipe.gallery docs/gallery.md` writes its list anew."""
    page = PAGE.read_text("utf-8")
    assert rewritten(page) == page
    assert rewritten(page.replace("clio-matters", "other-matters")) == page
