"""The preview's page: what would happen is shown record by record, and nothing is sent."""

import re

import pytest

from engine.run.runner import execute
from engine.run.start import request_run
from engine.store.runs import list_runs
from engine.store.switches import set_switch

RECIPE = """\
name: Contacts are listed
trigger:
  use: csv.row_read
  with: {file: contacts.csv, key: id}
  as: contact
skip:
  - {if: contact.city == 'Albany', reason: Albany has a list of its own.}
steps:
  - use: csv.append_rows
    id: line
    key: contact.id
    with: {file: out.csv, columns.id: "{{ contact.id }}", columns.city: "{{ contact.city }}"}
"""
CONTACTS = "id,city\n1,Boston\n2,Albany\n3,Chicago\n"


@pytest.fixture
def listed(recipes_folder):
    (recipes_folder / "listed.yaml").write_text(RECIPE, "utf-8")
    (recipes_folder / "contacts.csv").write_text(CONTACTS, "utf-8")
    return recipes_folder


def look(admin, **options):
    admin.get("/recipes/listed/preview")
    return admin.post("/recipes/listed/preview", limit="20", **options).get_data(as_text=True)


def test_a_recipe_that_never_ran_offers_a_preview(admin, listed):
    shown = admin.get("/recipes/listed").get_data(as_text=True)
    assert "a preview of its first run" in shown
    ways = re.findall(r'href="/recipes/listed/(?:preview|whatif)"[^>]*>([^<]*)<', shown)
    assert ways == ["Preview", "What if …", "Preview"]  # two tabs, and the offer


def test_the_list_offers_a_preview_of_what_is_not_in_use_and_a_run_of_what_is(admin, listed, store):
    shown = admin.get("/recipes/").get_data(as_text=True)
    assert '/recipes/listed/preview"' in shown
    assert '/recipes/listed/run"' not in shown
    set_switch(store, "listed", True)
    assert '/recipes/listed/run"' in admin.get("/recipes/").get_data(as_text=True)


def test_it_shows_what_would_be_sent_and_sends_nothing(admin, listed, store):
    shown = look(admin)
    assert "Boston" in shown
    assert "Albany has a list of its own." in shown
    assert "Switch it on" in shown
    assert not (listed / "out.csv").exists()
    assert list_runs(store) == []


COLLECTS = """\
  - id: cities
    collect: "{{ contact.city }}"
    steps:
      - use: csv.append_rows
        id: all
        with: {file: cities.csv, columns.cities: "{{ cities | join(', ') }}"}
"""


def test_a_message_made_of_many_records_is_counted_beside_them(admin, listed):
    steps = RECIPE[: RECIPE.index("  - use: csv.append_rows")] + COLLECTS
    (listed / "listed.yaml").write_text(steps, "utf-8")
    assert "Of 3 records and 1 message" in look(admin)


def test_it_shows_what_each_field_was_and_would_be(admin, listed, store, host, library):
    execute(store, host, request_run(store, host, library.load("listed")))
    (listed / "contacts.csv").write_text(CONTACTS.replace("Boston", "Worcester"), "utf-8")
    shown = look(admin)
    assert "<del>Boston</del>" in shown
    assert "<ins>Worcester</ins>" in shown
    assert "Chicago" not in shown  # unchanged
    assert "It has not run yet" not in admin.get("/recipes/listed").get_data(as_text=True)


def test_a_source_that_cannot_be_read_is_said(admin, listed):
    (listed / "contacts.csv").unlink()
    assert "contacts.csv" in look(admin)


def test_a_recipe_with_mistakes_is_not_tried(admin, recipes_folder, broken_recipe):
    (recipes_folder / "listed.yaml").write_text(broken_recipe, "utf-8")
    shown = look(admin)
    assert "mistake" in shown
