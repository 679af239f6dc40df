"""Recipes: the list, one recipe's page, the switch and the buttons that start a run."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from sqlalchemy import insert

from engine.store.runs import get_run
from engine.store.switches import pause_recipe, set_switch, switches
from engine.store.tables import recipe_schedules


@pytest.fixture
def broken(recipes_folder, broken_recipe) -> str:
    (recipes_folder / "unsubscribes.yaml").write_text(broken_recipe, "utf-8")
    return "unsubscribes"


def test_a_card_says_in_words_what_the_recipe_does_and_when(admin, store):
    page = admin.get("/recipes/").text
    assert "Contacts join the newsletter" in page
    assert "CSV file rows" in page
    assert "Mailchimp members" in page
    assert "Switched on, it runs every day at 20:30, New York time." in page
    set_switch(store, "contacts", True)
    page = admin.get("/recipes/").text
    assert "20:30 t" in page  # today or tomorrow
    assert "(every day at 20:30, New York time)" in page


def test_the_page_lists_the_next_five_runs_with_their_zone(admin, store):
    page = admin.get("/recipes/contacts").text
    assert "Switched on, it would run" in page
    set_switch(store, "contacts", True)
    page = admin.get("/recipes/contacts").text
    assert "Its next runs" in page
    runs = re.findall(r"<li><time[^>]*>([^<]+)</time></li>", page)
    assert len(runs) == 5
    assert re.fullmatch(r"(Today|Tomorrow) at 20:30 \(New York\)", runs[0])
    assert re.fullmatch(r"On \w+day \d+ \w+( \d+)? at 20:30 \(New York\)", runs[4])


def test_a_card_names_what_all_triggers_take(admin, recipes_folder):
    (recipes_folder / "both.yaml").write_text(
        "name: Both\ntriggers:\n"
        "  - {id: people, use: clio.contact_changed, as: contact}\n"
        "  - {id: staff, use: clio.user_changed, as: user}\n"
        "steps:\n  - {id: row, use: csv.append_rows, with: {file: a.csv, columns: {a: b}}}\n"
    )
    assert "Clio contacts and Clio users" in admin.get("/recipes/both").text


def test_a_recipe_without_times_lists_none(admin, recipes_folder):
    path = recipes_folder / "contacts.yaml"
    path.write_text(path.read_text().replace("every day at 20:30", "manual"))
    page = admin.get("/recipes/contacts").text
    assert "it would run" not in page
    assert "When you press “Run now”" in page


def test_a_scheduled_time_without_a_run_says_why(admin, store):
    set_switch(store, "contacts", True)
    note = "The run of 20:30 was left out: the one before was still going."
    now = datetime.now(UTC)
    with store.writing() as connection:
        connection.execute(insert(recipe_schedules).values(
            recipe="contacts", words="every day at 20:30", timezone="America/New_York",
            jitter=0, tick_at=now + timedelta(hours=5), next_at=now + timedelta(hours=5),
            note=note, noted_at=now - timedelta(minutes=3),
        ))  # fmt: skip
    for path in ("/recipes/", "/recipes/contacts"):
        page = admin.get(path).text
        assert note in page
        assert "3 minutes ago" in page
        assert "in 5 hours" in page  # as planned, not as reckoned anew


def test_a_paused_recipe_says_why_and_goes_on_when_it_is_switched_on(admin, store, seed):
    seed.run(status="failed", message="Clio did not answer.")
    with store.writing() as connection:
        pause_recipe(connection, "contacts", "It failed 10 times in a row.")
    for path in ("/", "/recipes/", "/recipes/contacts"):
        page = admin.get(path).text
        assert "Bridgework has switched this recipe off." in page
        assert "It failed 10 times in a row." in page
    assert "None until you switch it on again" in page
    admin.post("/recipes/contacts/switch", on="1")
    assert switches(store) == {"contacts": True}
    assert "has switched this recipe off" not in admin.get("/recipes/contacts").text


def test_a_card_shows_the_last_run_and_what_is_open(admin, seed, sample_rows):
    seed.run(sample_rows, ago=timedelta(hours=2))
    page = admin.get("/recipes/").text
    assert "2 hours ago" in page
    assert "67 matters became cases." in page
    assert "45 matters need attention" in page


def test_a_folder_without_recipes_says_what_to_do(admin, recipes_folder):
    (recipes_folder / "contacts.yaml").unlink()
    assert "holds no recipe yet" in admin.get("/recipes/").text


def test_a_broken_recipe_shows_each_mistake_with_line_and_remedy(admin, broken):
    for path in ("/recipes/", f"/recipes/{broken}"):
        page = admin.get(path).text
        assert "Unsubscribes are kept" in page
        assert "line 4" in page
        assert "  conection: mailchimp\n  ^" in page
        assert "Write:" in page
        assert "  connection: mailchimp" in page
        assert "Not before its mistakes are corrected" in page
    assert f'action="/recipes/{broken}/run"' not in page


def test_all_mistakes_are_told_at_once_and_their_lines_marked(admin, broken):
    page = admin.get(f"/recipes/{broken}").text
    assert "3 mistakes in it; it can&#39;t run." in page
    assert re.findall(r'<li id="line-(\d+)" class="marked">', page) == ["4", "8", "9"]


def test_one_bad_file_does_not_hide_the_others(admin, recipes_folder):
    (recipes_folder / "binary.yaml").write_bytes(b"\xff\xfe\x00nonsense")
    (recipes_folder / "empty.yaml").write_text("")
    page = admin.get("/recipes/").text
    assert "Contacts join the newsletter" in page
    assert 'id="binary"' in page
    assert 'id="empty"' in page
    assert admin.get("/recipes/binary").status_code == 200
    assert admin.get("/").status_code == 200


def test_the_text_is_shown_with_numbers_and_cannot_be_changed(admin):
    page = admin.get("/recipes/contacts").text
    assert '<li id="line-1"><code>name: Contacts join the newsletter</code></li>' in page
    assert "<textarea" not in page


def test_the_switch_is_a_switch_and_says_its_state(admin, store):
    page = admin.get("/recipes/").text
    assert 'role="switch" aria-checked="false" aria-label="Contacts join the newsletter"' in page
    answer = admin.post("/recipes/contacts/switch", on="1")
    assert answer.location == "/recipes/#contacts"
    assert switches(store) == {"contacts": True}
    assert 'aria-checked="true"' in admin.get("/recipes/").text
    admin.post("/recipes/contacts/switch", on="0")
    assert switches(store) == {"contacts": False}


def test_the_switch_of_a_recipes_page_leads_back_to_it(admin):
    answer = admin.post("/recipes/contacts/switch", on="1", **{"from": "recipe"})
    assert answer.location == "/recipes/contacts"


def test_recipes_in_use_come_first_and_many_can_be_searched(admin, store, recipes_folder):
    text = (recipes_folder / "contacts.yaml").read_text()
    assert "Search recipes" not in admin.get("/recipes/").text
    for number in range(9):
        name = f"Recipe {number} of the firm"
        (recipes_folder / f"{number}.yaml").write_text(
            text.replace("Contacts join the newsletter", name)
        )
    set_switch(store, "7", True)
    page = admin.get("/recipes/").text
    assert re.findall(r'<li class="line" id="(\w+)">', page) == ["7", *"01234568", "contacts"]
    found = admin.get("/recipes/?q=FIRM+3+mailchimp").text
    assert re.findall(r'<li class="line" id="(\w+)">', found) == ["3"]
    assert "No recipe has “nothing”" in admin.get("/recipes/?q=nothing").text


def test_a_step_that_a_person_does_needs_no_connection(admin, store, recipes_folder):
    path = recipes_folder / "contacts.yaml"
    path.write_text(path.read_text().replace("connection: mailchimp", "connection: person"))
    assert "/connections/add" not in admin.get("/recipes/").text.partition("<main")[2]


def test_a_broken_recipe_cannot_be_switched_on_but_off(admin, broken, store):
    page = admin.post(f"/recipes/{broken}/switch", on="1", follow=True).text
    assert "can't be switched on. It has mistakes: correct them first." in unescape(page)
    assert switches(store) == {}
    set_switch(store, broken, True)
    admin.post(f"/recipes/{broken}/switch", on="0")
    assert switches(store) == {broken: False}


def test_run_now_starts_a_run_and_shows_it(admin, store, queued):
    answer = admin.post("/recipes/contacts/run")
    assert answer.location == "/runs/1"
    assert queued == [1]
    run = get_run(store, 1)
    assert (run.origin, run.request.full) == ("manual", False)
    assert "Running: watch it" in admin.get("/recipes/").text


def test_refresh_everything_reads_everything_again(admin, store):
    admin.post("/recipes/contacts/run", full="1")
    assert get_run(store, 1).request.full


def test_what_a_run_held_can_be_let_through(admin, store, seed, queued):
    held = seed.run(status="held", message="300 new matters came.", hint="Let them through.")
    for path in ("/", "/recipes/contacts"):
        page = admin.get(path).text
        assert "300 new matters came." in page
        assert "Let them through<span" in page
    assert admin.post("/recipes/contacts/release").location == f"/runs/{held + 1}"
    assert get_run(store, held + 1).request.release
    assert "Let them through<span" not in admin.get("/recipes/contacts").text


def test_a_second_run_beside_the_first_is_refused(admin, queued):
    admin.post("/recipes/contacts/run")
    page = admin.post("/recipes/contacts/run", follow=True).text
    assert "is running already" in page
    assert queued == [1]


def test_a_broken_recipe_is_not_run_and_shows_why(admin, broken, queued):
    page = admin.post(f"/recipes/{broken}/run", follow=True).text
    assert "mistake" in page
    assert queued == []


def test_a_missing_connection_is_a_finding_and_not_a_crash(admin, store, queued):
    from engine.store.connections import remove_connection

    remove_connection(store, "mailchimp")
    set_switch(store, "contacts", True)
    page = admin.post("/recipes/contacts/run", follow=True).text
    assert "Before it can run, Mailchimp must be connected." in page
    assert "card-box broken" in page  # it is on, and can't run
    assert queued == []


def test_what_a_recipe_waits_for_is_a_button_and_no_mistake(admin, store):
    from engine.store.connections import remove_connection

    remove_connection(store, "mailchimp")
    for path in ("/recipes/", "/recipes/contacts"):
        page = admin.get(path).text
        assert 'href="/connections/add/mailchimp?name=mailchimp"' in page
        assert "There is no connection" not in page
        assert "line broken" not in page
        assert "card-box broken" not in page
    told = admin.post("/recipes/contacts/switch", on="1", follow=True).text
    assert "be switched on. Before it can run, Mailchimp must be connected." in told


def test_a_connection_that_may_be_misspelt_is_a_mistake_with_its_line(admin, recipes_folder):
    recipe = recipes_folder / "contacts.yaml"
    recipe.write_text(recipe.read_text().replace("connection: mailchimp", "connection: mailchim"))
    page = unescape(admin.get("/recipes/contacts").text)
    assert "There is no connection 'mailchim'." in page
    assert "Did you mean 'mailchimp'?" in page
    assert "connections/add" not in page


@pytest.mark.parametrize("what", ["switch", "run"])
def test_a_recipe_that_is_gone_is_not_found(admin, what):
    assert admin.post(f"/recipes/gone/{what}", on="1").status_code == 404


def test_a_card_calls_records_of_any_api_what_the_recipe_calls_them(admin, recipes_folder):
    shipped = Path(__file__).parents[2] / "recipes" / "orders-of-an-api-to-csv.yaml"
    (recipes_folder / shipped.name).write_text(shipped.read_text("utf-8"), "utf-8")
    page = admin.get("/recipes/").get_data(as_text=True)
    assert "HTTP API orders" in page
    assert "HTTP API records" not in page
