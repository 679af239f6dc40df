"""Recipes are made from blueprints with pickers; what an app has to choose from is asked live."""

import re
from collections.abc import Iterator
from html import unescape

import pytest

from engine.loopback import on_loopback
from engine.store.connections import Connection, save_connection
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp

PAGE = "/blueprints/csv-to-mailchimp"
GIVEN = {
    "title": "The club: members",
    "name": "club",
    "input_file": "club.csv",
    "input_email_column": "email",
    "input_first_name_column": "first_name",
    "input_last_name_column": "last_name",
    "input_schedule": "every day at 7:00",
    "input_timezone": "Europe/London",
}


@pytest.fixture
def club(store) -> Iterator[str]:
    """A connection to a practice account that answers."""
    with on_loopback(PracticeMailchimp(seed=1)) as server:
        save_connection(
            store,
            Connection(
                name="club-news", connector="mailchimp", label="Club",
                settings={"base_url": server}, secrets={"api_key": API_KEY},
            ),
        )  # fmt: skip
        yield "club-news"


def choices(page: str, field: str) -> dict[str, str]:
    select = re.search(rf'<select[^>]*name="{field}".*?</select>', page, re.DOTALL)
    assert select, page
    found = re.findall(r'<option (?:selected )?value="([^"]*)">([^<]*)', select[0])
    return {unescape(value): unescape(label) for value, label in found}


def test_blueprints_are_offered(admin):
    assert "/blueprints/" in admin.get("/recipes/").text
    page = admin.get("/blueprints/").text
    assert "Contacts from a file join a Mailchimp audience" in page
    assert f'href="{PAGE}"' in page
    assert admin.get("/blueprints/nothing").status_code == 404


def test_the_form_has_a_picker_for_every_input(admin, club):
    page = admin.get(f"{PAGE}?input_mailchimp={club}").text
    assert choices(page, "input_mailchimp") == {"club-news": "club-news", "mailchimp": "mailchimp"}
    assert "Newsletter" in choices(page, "input_audience").values()
    assert choices(page, "input_timezone")["Europe/London"] == "Europe/London"
    assert 'type="checkbox"' in page
    assert "The column with the e-mail address." in page


def test_a_recipe_is_made_and_its_page_shown(admin, club, recipes_folder):
    page = admin.get(f"{PAGE}?input_mailchimp={club}").text
    newsletter = next(
        value for value, label in choices(page, "input_audience").items() if label == "Newsletter"
    )
    made = admin.post(
        PAGE,
        follow=True,
        **GIVEN,
        input_mailchimp=club,
        input_audience=newsletter,
        input_confirm="y",
    ).text
    assert "The club: members" in made
    assert "every day at 7:00" in unescape(made)
    text = (recipes_folder / "club.yaml").read_text("utf-8")
    assert "blueprint: csv-to-mailchimp" in text
    assert "confirm: yes" in text
    assert f"audience: {newsletter}" in text


def test_what_does_not_fit_is_said_at_its_field(admin, club, recipes_folder):
    given = {**GIVEN, "input_mailchimp": club, "input_audience": "elsewhere"}
    assert "Not a valid choice" in admin.post(PAGE, **given).text
    audience = next(
        iter(choices(admin.get(f"{PAGE}?input_mailchimp={club}").text, "input_audience"))
    )
    given = {**given, "input_audience": audience}
    page = unescape(admin.post(PAGE, **{**given, "input_schedule": "now and then"}).text)
    assert "In line" in page
    assert "Use small letters" in admin.post(PAGE, **{**given, "name": "A b"}).text
    assert "There is a recipe" in admin.post(PAGE, **{**given, "name": "contacts"}).text
    assert not (recipes_folder / "club.yaml").exists()


def test_an_app_that_is_not_connected_is_named(admin):
    page = admin.get("/blueprints/clio-contacts-to-csv").text
    assert "isn't connected yet" in unescape(page)
    assert "/connections/add/clio" in page


def test_a_blueprint_with_mistakes_is_shown_with_them(admin, recipes_folder):
    path = recipes_folder / "blueprints" / "csv-to-mailchimp.yaml"
    path.write_text(path.read_text("utf-8").replace("type: schedule", "type: shedule"), "utf-8")
    assert "has a mistake" in admin.get("/blueprints/").text
    assert admin.get(PAGE).status_code == 302
