"""The directory of connectors: found by words and kinds, a page about each, safe whatever they say."""

import re
from dataclasses import replace
from html import unescape

import pytest

from engine.errors import PluginLoadError
from engine.host import build_host
from plugins import clio
from web import create_app
from web.prose import prose

LINK = re.compile(r'<h2[^>]*><a href="/connectors/(\w+)">')


def listed(page: str) -> list[str]:
    return LINK.findall(page)


def test_every_connector_is_in_it_and_has_a_page(admin, host):
    page = admin.get("/connectors/")
    assert sorted(listed(page.text)) == sorted(host.connectors)
    for name, connector in host.connectors.items():
        about = unescape(admin.get(f"/connectors/{name}").text)
        assert f"<h1>{connector.title}</h1>" in about
        for operation in (*connector.triggers.values(), *connector.actions.values()):
            assert f"use: {operation.full_name}" in about
    assert admin.get("/connectors/cliio").status_code == 404


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=mailchimp", ["mailchimp"]),
        ("?q=AUDIENCE+merge", ["mailchimp"]),
        ("?q=create_note", ["clio"]),
        ("?q=stage+portal", ["casestatus"]),
        ("?has=experimental", ["casestatus"]),
        ("?has=connected", ["mailchimp"]),
        ("?has=instant", ["clio", "mailchimp"]),
        ("?has=experimental&q=mailchimp", []),
        ("?q=%3Cscript%3Ealert", []),
        ("?has=nonsense&q=mailchimp", ["mailchimp"]),
    ],
)
def test_it_is_searched_by_words_and_kinds(admin, query, found):
    assert listed(admin.get(f"/connectors/{query}").text) == found


def test_a_search_leads_to_the_operations_it_found(admin):
    page = admin.get("/connectors/?q=erase").text
    assert 'href="/connectors/mailchimp#erase_member"' in page
    assert "/connectors/mailchimp#add_tags" not in page


def test_what_was_searched_is_shown_as_text(admin):
    page = admin.get("/connectors/?q=<script>alert(1)</script>").text
    assert "<script>alert" not in page
    assert "No connector says anything about" in page


def test_a_page_leads_on_to_connecting_trying_recipes_and_examples(admin):
    page = unescape(admin.get("/connectors/mailchimp").text)
    assert 'href="/connections/add/mailchimp"' in page
    assert 'href="/connectors/mailchimp/upsert_members/try"' in page
    assert 'href="/recipes/contacts"' in page
    assert 'href="/gallery/?app=mailchimp"' in page
    assert "Connected as <a" in page
    assert "API keys. Make a key and copy it whole" in page
    assert "duplicate account" in page


def test_gallery_editor_and_connections_lead_to_it(admin):
    for path in ("/gallery/", "/new-recipe", "/connections/"):
        assert 'href="/connectors/"' in admin.get(path).text
    assert 'href="/connectors/clio"' in admin.get("/gallery/?app=clio").text
    assert 'href="/connectors/clio"' in admin.get("/connections/add").text


def test_plugins_that_could_not_be_loaded_are_named_with_what_to_do(
    store, host, library, compiled, admin, session_of_admin
):
    problem = PluginLoadError("fax.py", "send", "it has no docstring", hint="Say what it does.")
    app = create_app(store, replace(host, problems=(problem,)), library, settings={"TESTING": True})
    client = app.test_client()
    with client.session_transaction() as begun:
        begun.update(session_of_admin)
    page = unescape(client.get("/connectors/").text)
    assert "Connector 'fax.py', send: it has no docstring." in page
    assert "Say what it does." in page
    assert "clio" in listed(page)


def test_a_connector_that_can_not_be_described_is_named_and_the_others_are_there(
    store, library, session_of_admin, admin
):
    host = build_host([clio], strict=True)
    odd = replace(host.connector("clio"), name="odd")
    odd.triggers = type("Broken", (dict,), {"values": lambda self: 1 / 0})()
    both = replace(host, connectors={"clio": host.connector("clio"), "odd": odd})
    app = create_app(store, both, library, settings={"TESTING": True})
    client = app.test_client()
    with client.session_transaction() as begun:
        begun.update(session_of_admin)
    page = unescape(client.get("/connectors/").text)
    assert listed(page) == ["clio"]
    assert "The connector 'odd' failed in 'declarations'" in page


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;"),
        ("[go](javascript:alert(1))", "[go](javascript:alert(1))"),
        ("[file](assumed.py)", "<span>file</span>"),
        ("[**file**](../docs/x.md) [out](https://a.example)", '<a href="https://a.example"'),
        ("![pixel](https://spy.example/p.gif)", "<p>pixel</p>"),
        ("| a |\n|---|\n| b |", '<div class="wide" tabindex="0"'),
        ("`a` **b**", "<code>a</code> <strong>b</strong>"),
    ],
)
def test_what_connectors_write_is_shown_as_text_and_never_as_code(text, safe):
    html = prose(text)
    assert safe in html
    assert "<script" not in html
    assert "<img" not in html
    assert "javascript:" not in re.sub(r">[^<]*<", "><", html)
