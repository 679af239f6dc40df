"""The Zapier app among the examples asks for nothing that the API hasn't got."""

import re
from pathlib import Path

from flask import Flask

from engine.store.outbound import EVENTS
from web import api_recipes  # noqa: F401 - adds its addresses to that blueprint
from web.api_hooks import bp

ROOT = Path(__file__).parents[2]
APP = (ROOT / "examples" / "zapier-app" / "index.js").read_text("utf-8")
PAGE = (ROOT / "docs" / "zapier.md").read_text("utf-8")


def addresses() -> set[str]:
    """Return the API's addresses, with a star for what varies."""
    app = Flask("api")
    app.register_blueprint(bp)
    return {re.sub(r"<[^>]+>", "*", rule.rule) for rule in app.url_map.iter_rules()}


def test_every_address_that_the_app_asks_for_is_there() -> None:
    asked = re.findall(r"at\(bundle, [\"`]([^\"`]+)[\"`]\)", APP)
    asked += re.findall(r'picker\("\w+", "[^"]+", "([^"?]+)', APP)
    assert len(asked) >= 8
    found = {"/api" + re.sub(r"\$\{.*?\}+(?:\))?", "*", path) for path in asked}
    assert found <= addresses(), found - addresses()


def test_the_app_hears_of_every_event() -> None:
    assert set(re.findall(r'^    "(record\.\w+|run\.\w+)",$', APP, re.MULTILINE)) == set(EVENTS)


def test_every_address_of_the_page_is_there() -> None:
    named = re.findall(r"`(?:GET|POST|DELETE) (/api/[^`?]+)", PAGE)
    assert len(named) >= 8
    assert {re.sub(r"<id>", "*", path) for path in named} <= addresses()
