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
