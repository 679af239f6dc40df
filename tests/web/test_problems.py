"""Open problems of one recipe, whichever run met them."""

import re

import pytest

from engine.store.problems import (
    count_open,
    open_causes,
    open_entries,
    open_per_cause,
    still_open,
)
from engine.store.runs import get_run

NO_USER = {"code": "no_staff", "reason": "No such user.", "how_to_fix": "Invite them."}


@pytest.fixture
def two_runs(seed) -> tuple[int, int]:
    """One cause met by two runs, and another by one."""
    first = seed.run([seed.row("1", "one", "rejected", **NO_USER)])
    second = seed.run(
        [
            seed.row("2", "two", "rejected", **NO_USER),
            seed.row("3", "three", "failed", code="down", reason="No answer."),
            seed.row("4", "four", "created", target_id="T4"),
        ]
    )
    return first, second


def test_one_cause_is_one_cause_though_two_runs_met_it(store, two_runs):
    found = [(c.recipe, c.cause.reason, c.cause.count, c.run_id) for c in open_causes(store)]
    assert found == [
        ("contacts", "No such user.", 2, two_runs[1]),
        ("contacts", "No answer.", 1, two_runs[1]),
    ]
    assert open_causes(store, "another") == []


def test_entries_are_listed_newest_run_first_and_narrowed_by_cause(store, two_runs):
    assert [e.entry.key for e in open_entries(store, "contacts")] == ["2", "3", "1"]
    cause = open_causes(store)[0].cause
    assert [e.entry.key for e in open_entries(store, "contacts", cause_id=cause.id)] == ["2", "1"]
    assert count_open(store, "contacts", cause_id=cause.id) == 2
    assert [e.run_id for e in open_entries(store, "contacts", after=1, limit=1)] == [two_runs[1]]


def test_what_is_settled_is_no_longer_open(store, two_runs, seed):
    seed.close_problem("1")
    assert still_open(store, "contacts", ["1", "2", "4"]) == {"2"}
    assert list(open_per_cause(store, two_runs[0]).values()) == [0]
    assert sorted(open_per_cause(store, two_runs[1]).values()) == [1, 1]


def test_the_page_lists_causes_and_records_with_the_report_that_met_them(admin, two_runs):
    page = admin.get("/recipes/contacts/problems/").text
    assert "3 matters need attention" in page
    assert "2 matters: No such user." in page
    assert f'href="/runs/{two_runs[0]}/report"' in page
    assert f'href="/runs/{two_runs[1]}/report"' in page


def test_a_cause_is_retried_across_runs(admin, two_runs, store, queued):
    page = admin.get("/recipes/contacts/problems/").text
    [cause, *_] = re.findall(r'name="cause" value="(\d+)"', page)
    answer = admin.post("/recipes/contacts/problems/retry", cause=cause)
    run = get_run(store, int(answer.location.rpartition("/")[2]))
    assert set(run.request.retry) == {"1", "2"}
    assert queued == [run.id]


@pytest.fixture
def quoting(seed) -> int:
    """Three records whose reasons quote their own values, and one with another remedy."""
    fix = "Correct the address at the `source`."
    words = {n: f"'{n} at x' is no address." for n in "abc"}
    rows = [
        seed.row(n, n, "rejected", code="mail", how_to_fix=fix, reason=why)
        for n, why in words.items()
    ]
    return seed.run([*rows, seed.row("d", "d", "rejected", reason="No.", how_to_fix="Ask.")])


@pytest.mark.parametrize("page", ["/recipes/contacts/problems/", "/runs/{}/report"])
def test_causes_that_quote_the_records_value_are_one(admin, quoting, store, queued, page):
    page = page.format(quoting)
    shown = admin.get(page).text
    assert "3 matters: &#39;a at x&#39; is no address. And 2 more like it." in shown
    assert shown.count('<li class="cause') == 2
    assert "at the <code>source</code>." in shown
    cause = re.search(r'name="cause" value="(\d+)"', shown)[1]
    table = admin.get(f"{page}?cause={cause}").text.partition("<tbody")[2]
    assert re.findall(r'scope="row">(\w)', table) == ["a", "b", "c"]
    admin.post(page.replace("report", "").rstrip("/") + "/retry", cause=cause)
    assert get_run(store, queued[0]).request.retry == ("a", "b", "c")


def test_causes_put_together_are_searched(admin, quoting):
    cause = re.search(r'name="cause" value="(\d+)"', admin.get(f"/runs/{quoting}/report").text)[1]
    page = admin.get(f"/runs/{quoting}/report?cause={cause}&q=b+at").text
    assert re.findall(r'scope="row">(\w)', page.partition("<tbody")[2]) == ["b"]
    assert "1 record" in page


@pytest.mark.parametrize(("form", "keys"), [({"key": "3"}, {"3"}), ({}, {"1", "2", "3"})])
def test_one_or_all_are_retried(admin, two_runs, store, form, keys):
    answer = admin.post("/recipes/contacts/problems/retry", **form)
    run = get_run(store, int(answer.location.rpartition("/")[2]))
    assert set(run.request.retry) == keys
    assert run.parent_id == two_runs[1]


def test_what_is_not_open_is_not_retried(admin, two_runs, queued):
    page = admin.post("/recipes/contacts/problems/retry", key="4", follow=True).text
    assert "There is nothing to try again." in page
    assert queued == []


def test_no_problem_is_said_plainly(admin):
    page = admin.get("/recipes/contacts/problems/").text
    assert "All records of this recipe are settled." in page
