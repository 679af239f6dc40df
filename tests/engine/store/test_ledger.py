"""What became of each record: causes, entries by outcome, cause and search, and the quiet ones."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert

from engine.store.database import Store
from engine.store.ledger import (
    SAME_KEY,
    causes,
    count_entries,
    entries,
    open_count,
    outcome_counts,
    stream_entries,
)
from engine.store.runs import RunRequest, create_run
from engine.store.tables import ledger, links, open_problems
from engine.store.versions import save_version

NO_EMAIL = {
    "outcome": "rejected",
    "code": "no_email",
    "reason": "The client has no e-mail.",
    "how_to_fix": "Add one.",
    "step": "case",
    "field": "email",
}
DOWN = {"outcome": "waiting", "code": "unavailable", "reason": "The Depot is down."}


@pytest.fixture
def run_id(store: Store) -> int:
    return new_run(store)


def new_run(store: Store, recipe: str = "matters") -> int:
    with store.writing() as connection:
        version = save_version(connection, recipe, store.home / "r.yaml", "name: R")
        return create_run(
            connection,
            recipe=recipe,
            title="R",
            version_id=version,
            request=RunRequest(),
            nouns={"source": ("a", "as"), "target": ("b", "bs")},
            origin="manual",
        )


@pytest.fixture
def settle(store: Store, run_id: int) -> Callable[..., None]:
    """Write a record's line into the run's ledger."""

    def settle(key: str, title: str = "", **values: Any) -> None:
        row = {"run_id": run_id, "record_key": key, "title": title or f"Matter {key}"}
        with store.writing() as connection:
            connection.execute(insert(ledger).values({"outcome": "created", **row, **values}))

    return settle


@pytest.fixture
def link(store: Store, run_id: int) -> Callable[..., None]:
    """Note that the run saw a record; without a line in the ledger it was unchanged."""

    def link(key: str, **values: Any) -> None:
        row = {
            "recipe": "matters",
            "step": "case",
            "record_key": key,
            "target_id": f"C-{key}",
            "fingerprint": b"0" * 16,
            "title": f"Matter {key}",
            "run_id": run_id,
        }
        with store.writing() as connection:
            connection.execute(insert(links).values({**row, **values}))

    return link


def keys(store: Store, run_id: int, **how: Any) -> list[str]:
    found = entries(store, run_id, **how)
    uncounted = {name: how[name] for name in ("keys", "after", "limit") if name in how}
    if not uncounted:
        assert count_entries(store, run_id, **how) == len(found)
    return [entry.key for entry in found]


# -- causes ----------------------------------------------------------------------------------------


def test_records_with_one_thing_wrong_are_one_cause(
    store: Store, run_id: int, settle: Callable[..., None]
) -> None:
    settle("1", **DOWN)
    for key in "234":
        settle(key, **NO_EMAIL)
    settle("5")
    settle("6", **{**NO_EMAIL, "field": "phone"})
    first, *others = causes(store, run_id)
    assert (first.count, first.code, first.reason, first.field) == (
        3, "no_email", "The client has no e-mail.", "email",
    )  # fmt: skip
    assert first.examples == ("Matter 2", "Matter 4")
    assert [(cause.outcome, cause.field, cause.count) for cause in others] == [
        ("waiting", "", 1),
        ("rejected", "phone", 1),
    ]
    assert others[0].how_to_fix == ""
    assert others[0].examples == ("Matter 1",)


def test_causes_of_other_outcomes_can_be_asked_for(
    store: Store, run_id: int, settle: Callable[..., None]
) -> None:
    settle("1", outcome="skipped", code="filter", reason="Its status is 'Closed'.")
    assert causes(store, run_id) == []
    [cause] = causes(store, run_id, ["skipped"])
    assert (cause.count, cause.reason) == (1, "Its status is 'Closed'.")


def test_another_runs_records_are_not_mixed_in(
    store: Store, run_id: int, settle: Callable[..., None]
) -> None:
    other = new_run(store, "other")
    settle("1", **NO_EMAIL)
    settle("2", run_id=other, **NO_EMAIL)
    assert causes(store, run_id)[0].count == 1
    assert keys(store, other) == ["2"]
    assert keys(store, 999) == []


# -- entries ---------------------------------------------------------------------------------------


def test_entries_are_in_the_order_they_were_settled(
    store: Store, run_id: int, settle: Callable[..., None]
) -> None:
    for key in ("b", "a", "c"):
        settle(key)
    assert keys(store, run_id) == ["b", "a", "c"]


def test_entries_of_some_outcomes(
    store: Store, run_id: int, settle: Callable[..., None], link: Callable[..., None]
) -> None:
    settle("1")
    settle("2", **NO_EMAIL)
    settle("3", outcome="updated")
    link("4")
    assert keys(store, run_id, outcomes=["rejected"]) == ["2"]
    assert keys(store, run_id, outcomes=["created", "updated"]) == ["1", "3"]
    assert keys(store, run_id, outcomes=["unchanged"]) == ["4"]
    assert keys(store, run_id, outcomes=["rejected", "unchanged"]) == ["2", "4"]
    with store.reading() as connection:
        counts = outcome_counts(connection, run_id)
    assert counts == {"created": 1, "rejected": 1, "updated": 1}


def test_entries_of_one_cause(store: Store, run_id: int, settle: Callable[..., None]) -> None:
    settle("1", **DOWN)  # without step and field: nothing is like nothing
    settle("2", **DOWN)
    settle("3", **NO_EMAIL)
    settle("4", **{**DOWN, "reason": "The Depot is slow."})
    by_code = {cause.reason: cause.id for cause in causes(store, run_id)}
    assert keys(store, run_id, cause_id=by_code["The Depot is down."]) == ["1", "2"]
    assert keys(store, run_id, cause_id=by_code["The client has no e-mail."]) == ["3"]
    assert keys(store, run_id, cause_id=by_code["The Depot is down."], search="Matter 2") == ["2"]
    assert keys(store, run_id, cause_id=999) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("lovelace", ["1"]),  # a title, however it is capitalised
        ("KEY-2", ["key-2"]),
        ("e-mail", ["key-2"]),  # a reason
        ("100%", ["3"]),
        ("%", ["3"]),
        ("a_b", ["4"]),
        ("_", ["4"]),
        ("\\", ["5"]),
        ("'; drop table ledger; --", []),
        ("quiet", ["6"]),
    ],
)
def test_a_search_takes_every_sign_as_it_is(
    store: Store,
    run_id: int,
    settle: Callable[..., None],
    link: Callable[..., None],
    search: str,
    found: list[str],
) -> None:
    settle("1", "Ada Lovelace")
    settle("key-2", "Bob", **NO_EMAIL)
    settle("3", "100% owned")
    settle("4", "a_b")
    settle("5", "c\\d")
    link("6", title="A quiet one")
    assert keys(store, run_id, search=search) == found


def test_single_records_by_their_keys(
    store: Store, run_id: int, settle: Callable[..., None], link: Callable[..., None]
) -> None:
    settle("1")
    settle("2")
    link("3")
    link("4")
    assert keys(store, run_id, keys=["2", "4", "9"]) == ["2", "4"]


def test_pages_together_are_the_whole_list(
    store: Store, run_id: int, settle: Callable[..., None], link: Callable[..., None]
) -> None:
    for number in range(5):
        settle(f"settled-{number}")
        link(f"quiet-{number}")
    whole = keys(store, run_id)
    pages = [keys(store, run_id, after=after, limit=3) for after in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert [key for page in pages for key in page] == whole
    streamed = stream_entries(store, run_id, page=3)
    assert [entry.key for entry in streamed] == whole


# -- unchanged records -----------------------------------------------------------------------------


def test_unchanged_records_are_listed_last_with_their_target(
    store: Store, run_id: int, settle: Callable[..., None], link: Callable[..., None]
) -> None:
    link("1")
    settle("2")
    link("2")
    first, last = entries(store, run_id)
    assert (first.key, first.outcome) == ("2", "created")
    assert (last.id, last.key, last.outcome, last.target_id) == (0, "1", "unchanged", "C-1")
    assert (last.code, last.reason, last.step) == (None, None, None)


def test_a_record_of_several_steps_is_listed_once(
    store: Store, run_id: int, link: Callable[..., None]
) -> None:
    link("1")
    link("1", step="note")
    assert keys(store, run_id) == ["1"]


def test_a_record_seen_by_a_later_run_is_that_runs(
    store: Store, run_id: int, link: Callable[..., None]
) -> None:
    later = new_run(store)
    link("1")
    link("2", run_id=later)
    link("3", recipe="another")
    assert keys(store, run_id) == ["1"]
    assert keys(store, later) == ["2"]


def test_a_record_left_out_for_its_key_leaves_the_other_listed(
    store: Store, run_id: int, settle: Callable[..., None], link: Callable[..., None]
) -> None:
    settle("1", outcome="skipped", code=SAME_KEY)
    link("1")
    assert [(entry.key, entry.outcome) for entry in entries(store, run_id)] == [
        ("1", "skipped"),
        ("1", "unchanged"),
    ]


def test_how_many_need_attention(store: Store, run_id: int) -> None:
    row = {"first_run_id": run_id, "run_id": run_id, "outcome": "failed", "source": b""}
    with store.writing() as connection:
        for recipe, key in (("a", "1"), ("a", "2"), ("b", "1")):
            connection.execute(insert(open_problems).values(recipe=recipe, record_key=key, **row))
    assert open_count(store) == 3
    assert open_count(store, "a") == 2
    assert open_count(store, "c") == 0
