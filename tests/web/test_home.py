"""Home: what needs attention first, then what runs next and what came over lately."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.store.connections import mark_checked, remove_connection
from engine.store.switches import set_switch
from engine.store.waits import Wait, put


def test_a_fresh_home_says_what_to_do_first(admin):
    page = admin.get("/").text
    assert "Welcome to Bridgework" in page
    assert '<li class="done">' in page  # a connection is there
    assert "press “Run now”." in page


def test_a_fresh_home_without_connections_names_the_command(admin, store):
    remove_connection(store, "mailchimp")
    assert 'href="/connections/add"' in admin.get("/").text


def test_a_fresh_home_says_how_many_recipes_can_run(admin, store):
    assert "There is one recipe;\n      1 can run" in admin.get("/").text
    remove_connection(store, "mailchimp")
    assert "none can run with what is connected so far" in admin.get("/").text


def test_what_runs_next_is_told_soonest_first(admin, seed, store, recipes_folder):
    text = (recipes_folder / "contacts.yaml").read_text()
    for name, words in (("often", "every 15 minutes"), ("hand", "manual"), ("off", "every hour")):
        changed = text.replace("Contacts join the newsletter", name.title())
        (recipes_folder / f"{name}.yaml").write_text(changed.replace("every day at 20:30", words))
    for name in ("contacts", "often", "hand"):
        set_switch(store, name, True)
    seed.run([seed.row("1", "a", "created", target_id="T")])
    page = admin.get("/").text.partition("What runs next")[2]
    coming, _, lately = page.partition("What came over lately")
    assert re.findall(r'href="/recipes/(\w+)"', coming) == ["often", "contacts", "hand"]
    assert "20:30 t" in coming  # today or tomorrow
    assert 'action="/recipes/often/run"' in coming
    assert "1 matter became a case." in lately


def test_with_nothing_switched_on_home_leads_to_the_recipes(admin, seed):
    seed.run([seed.row("1", "a", "created", target_id="T")])
    assert "No recipe is switched on, so nothing runs by itself." in admin.get("/").text


def test_quiet_is_said_to_be_quiet(admin, seed):
    seed.run([seed.row("1", "a", "created", target_id="T")])
    page = admin.get("/").text
    assert "Nothing needs your attention." in page
    assert 'class="calm"' in page


def test_records_that_wait_for_a_time_need_nobody(admin, seed, store):
    rows = [
        seed.row(str(n), f"row {n}", "waiting", code="until", reason="Waiting until 3 March 2099.")
        for n in range(41)
    ]
    run_id = seed.run(rows)
    due = datetime(2099, 3, 3, 9, tzinfo=UTC)
    wait = Wait(step="pause", record_key="", part="", state="open", since=due, due_at=due)
    with store.writing() as connection:
        put(connection, "contacts", run_id, [replace(wait, record_key=str(n)) for n in range(41)])
    page = admin.get("/").text
    assert "Nothing needs your attention." in page
    assert "41 matters wait for a time to come, the first for" in page
    report = admin.get(f"/runs/{run_id}/report").text
    assert "41 matters wait until 3 March 2099." in report
    assert "How to fix" not in report


def test_open_records_are_grouped_by_recipe_and_cause(admin, seed, sample_rows):
    seed.run(sample_rows)
    page = admin.get("/").text
    assert "1 thing needs your attention." in page
    assert "45 matters need attention" in page
    assert page.count('class="fix"') == 5
    assert "more cause" not in page
    assert "41 matters: The responsible attorney j.doe@harborlaw.example" in page
    assert "/recipes/contacts/problems/?cause=" in page


def test_a_recipe_with_many_causes_does_not_bury_the_others(admin, seed):
    wrong = [{"reason": f"Reason {n}.", "how_to_fix": f"Mend {n}."} for n in range(12)]
    seed.run([seed.row(str(n), f"row {n}", "rejected", **why) for n, why in enumerate(wrong)])
    page = admin.get("/").text
    assert page.count(": Reason ") == 5
    assert '<a href="/recipes/contacts/problems/">7 more causes</a>' in page


def test_a_run_that_could_not_run_comes_with_its_remedy(admin, seed):
    seed.run(status="failed", message="Clio did not answer.", hint="Try at noon.")
    page = admin.get("/").text
    assert "1 thing needs your attention." in page
    assert "Clio did not answer." in page
    assert "Try at noon." in page


def test_a_failure_that_a_later_run_made_good_is_past(admin, seed):
    seed.run(status="failed", message="Clio did not answer.", ago=timedelta(hours=1))
    seed.run([seed.row("1", "a", "created", target_id="T")])
    assert "Nothing needs your attention." in admin.get("/").text


def test_a_broken_connection_names_the_recipes_that_wait_for_it(admin, seed, store):
    seed.run()
    mark_checked(store, "mailchimp", problem="Mailchimp no longer accepts this connection.")
    page = admin.get("/").text
    assert "Mailchimp is disconnected" in page
    assert "Mailchimp no longer accepts this connection." in page
    assert "This recipe can't run" in page
    assert '<a href="/recipes/contacts">Contacts join the newsletter</a>' in page


def test_a_run_that_a_broken_connection_failed_is_no_second_thing(admin, seed, store):
    why = "Mailchimp no longer accepts this connection."
    seed.run(status="failed", message=why)
    mark_checked(store, "mailchimp", problem=f"{why} Connect Mailchimp again.")
    page = admin.get("/").text
    assert "1 thing needs your attention." in page
    assert "could not run" not in page
    mark_checked(store, "mailchimp", problem="Mailchimp can't be reached.")
    assert "2 things need your attention." in admin.get("/").text


def test_a_recipe_that_is_on_and_broken_needs_attention(admin, seed, store, recipes_folder):
    seed.run()
    (recipes_folder / "half.yaml").write_text("name: Half a recipe\n")
    assert "Nothing needs your attention." in admin.get("/").text
    set_switch(store, "half", True)
    page = admin.get("/").text
    assert "1 thing needs your attention." in page
    assert "Half a recipe" in page
