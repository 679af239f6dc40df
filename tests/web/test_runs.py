"""Runs: the list, the live page, its progress and its stop button."""

from datetime import timedelta

from engine.store.runs import RunRequest, get_run, log


def test_the_list_shows_the_newest_first_a_page_at_a_time(admin, seed):
    for n in range(30):
        seed.run([seed.row("1", "a", "created", target_id=None)], ago=timedelta(days=30 - n))
    first = admin.get("/runs/").text
    assert first.count('class="run-link"') == 25
    assert "/runs/30/report" in first
    assert "/runs/?before=6" in first
    older = admin.get("/runs/?before=6").text
    assert older.count('class="run-link"') == 5
    assert "/runs/5/report" in older


def test_the_list_can_be_one_recipes(admin, seed):
    seed.run()
    seed.recipe, seed.title = "other", "Another recipe"
    seed.run()
    page = admin.get("/runs/?recipe=other").text
    assert page.count('class="run-link"') == 1
    assert "Runs of “Another recipe”" in page


def test_an_empty_list_says_what_to_do(admin):
    assert "Nothing has run yet." in admin.get("/runs/").text


def test_a_page_shows_the_log_and_the_recipe_as_it_was_run(admin, seed, store, recipes_folder):
    run = seed.run()
    log(store, run, "Reading what changed since yesterday.")
    log(store, run, "Clio asks to wait 12 seconds.", "warning")
    (recipes_folder / "contacts.yaml").write_text("name: changed since\n")
    page = admin.get(f"/runs/{run}").text
    assert "Reading what changed since yesterday." in page
    assert 'class="warning"' in page
    assert "use: mailchimp.upsert_members" in page
    assert "changed since\n" not in page


def running(seed, **values) -> int:
    return seed.run(status="running", finished_at=None, **values)


def test_progress_tells_numbers_and_only_new_log_lines(admin, seed, store):
    run = running(seed, read=120, counts={"created": 80, "rejected": 12})
    log(store, run, "first")
    log(store, run, "second")
    now = admin.get(f"/runs/{run}/progress").json
    assert now["active"] is True
    assert (now["read"], now["settled"], now["total"]) == (120, 92, None)
    assert now["counts"]["rejected"] == 12
    assert now["sentence"] == "Running: 120 matters read so far."
    assert [line["message"] for line in now["log"]] == ["first", "second"]
    later = admin.get(f"/runs/{run}/progress?after={now['log'][0]['id']}").json
    assert [line["message"] for line in later["log"]] == ["second"]


def test_a_retry_knows_how_much_there_is_to_do(admin, seed):
    run = running(seed, request=RunRequest(retry=("1", "2", "3")), read=2, counts={"created": 2})
    assert admin.get(f"/runs/{run}/progress").json["total"] == 3
    page = admin.get(f"/runs/{run}").text
    assert 'max="3" value="2"' in page


def test_progress_ends_with_the_way_to_the_report(admin, seed):
    run = seed.run()
    now = admin.get(f"/runs/{run}/progress").json
    assert now["active"] is False
    assert now["report"] == f"/runs/{run}/report"


def test_only_a_live_page_asks_for_news_and_it_does_without_scripts_too(admin, seed):
    live, done = running(seed), seed.run()
    page = admin.get(f"/runs/{live}").text
    assert "live.js" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "live.js" not in admin.get(f"/runs/{done}").text


def test_a_run_is_asked_to_stop_once(admin, seed, store):
    run = running(seed)
    page = admin.post(f"/runs/{run}/cancel", follow=True).text
    assert get_run(store, run).cancel_requested
    assert "What has come over stays." in page
    assert "Stopping" in page
    assert "Stop this run" not in page


def test_a_finished_run_is_not_stopped(admin, seed, store):
    run = seed.run()
    page = admin.post(f"/runs/{run}/cancel", follow=True).text
    assert "The run had finished already." in page
    assert not get_run(store, run).cancel_requested
