"""What came of a run in words: its sentences, its sum, its times."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import report
from engine.nouns import Noun
from engine.store.database import Store
from engine.store.ledger import OUTCOMES, causes
from engine.store.runs import Run, RunRequest
from tests.engine.report.made_runs import NEW_YORK, NOW, add_entries, make_run


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (
            {"created": 200, "updated": 9, "rejected": 3},
            "209 matters became cases. 3 matters did not become cases.",
        ),
        ({"created": 1}, "1 matter became a case."),
        ({"updated": 3, "unchanged": 206}, "3 cases were updated."),
        ({"updated": 1}, "1 case was updated."),
        ({"rejected": 1}, "1 matter did not become a case."),
        ({"rejected": 1, "failed": 2}, "3 matters did not become cases."),
        ({"unchanged": 209}, "209 matters had not changed; nothing was sent."),
        ({"skipped": 12}, "All 12 matters were left out by a rule."),
        ({"skipped": 1, "unchanged": 1}, "There was nothing to send."),
        ({"created": 1234}, "1,234 matters became cases."),
        (
            {"unsure": 1},
            "1 matter was sent, but no answer came: please look whether the other system has them.",
        ),
        ({"waiting": 2}, "2 matters wait for an answer or for a time to come."),
        ({}, "There were no matters to read."),
    ],
)
def test_headline(store: Store, counts: dict[str, int], expected: str) -> None:
    assert report.headline(make_run(store, counts)) == expected


def test_headline_of_equal_nouns_does_not_say_that_contacts_become_contacts(store: Store) -> None:
    nouns = {"source": ["contact", "contacts"], "target": ["contact", "contacts"]}
    run = make_run(store, {"created": 5, "rejected": 1}, nouns=nouns)
    assert report.headline(run) == "5 contacts were passed on. 1 contact was not passed on."


def test_headline_gives_the_article_that_fits(store: Store) -> None:
    nouns = {"source": ["row", "rows"], "target": ["event", "events"]}
    assert report.headline(make_run(store, {"created": 1}, nouns=nouns)) == (
        "1 row became an event."
    )


def test_quiet_run_says_since_when_nothing_changed(store: Store) -> None:
    yesterday = datetime(2026, 11, 23, 20, 30, tzinfo=NEW_YORK)
    make_run(store, {"created": 2}, started_at=yesterday)
    make_run(store, {"created": 9}, started_at=yesterday + timedelta(hours=1), status="failed")
    retry = RunRequest(retry=("7",))
    make_run(store, request=retry, started_at=yesterday + timedelta(hours=2), origin="retry")
    run = make_run(store)

    since = report.previous_run_at(store, run)

    assert since == yesterday
    assert report.headline(run, since=since, now=NOW) == "Nothing changed since 20:30 yesterday."


def test_first_run_has_no_run_before_it(store: Store) -> None:
    assert report.previous_run_at(store, make_run(store)) is None


@pytest.mark.parametrize(
    ("status", "message", "expected"),
    [
        ("queued", "", "Waiting to start."),
        ("running", "", "Running: 4 matters read so far."),
        ("failed", "Clio can't be reached.", "Clio can't be reached."),
        ("held", "Too many new ones.", "Too many new ones."),
        ("cancelled", "By hand.", "Stopped after 4 matters. 4 matters became cases."),
    ],
)
def test_headline_by_status(store: Store, status: str, message: str, expected: str) -> None:
    run = make_run(store, {"created": 4}, status=status, message=message)
    assert report.headline(run) == expected


def test_sentences_add_what_the_headline_leaves_out(store: Store) -> None:
    run = make_run(
        store,
        {"created": 2, "unchanged": 5, "skipped": 1, "rejected": 1},
        status="partial",
        fixed=2,
        request=RunRequest(limit=9),
    )
    assert report.sentences(run) == [
        "2 matters became cases. 1 matter did not become a case.",
        "5 matters had not changed; nothing was sent.",
        "1 matter was left out by a rule.",
        "2 matters that needed attention before are fixed.",
        "It was asked to read at most 9 matters.",
    ]


def test_failed_run_still_says_what_it_managed(store: Store) -> None:
    run = make_run(
        store, {"created": 2}, status="failed", message="Clio is down.", hint="Try again later."
    )
    assert report.sentences(run) == ["Clio is down.", "2 matters became cases.", "Try again later."]


def test_retry_says_how_many_it_tried(store: Store) -> None:
    run = make_run(store, {"created": 2}, request=RunRequest(retry=("1", "2")), origin="retry")
    assert "This run tried 2 matters again." in report.sentences(run)


def test_cause_sentence_counts_in_the_runs_nouns(store: Store) -> None:
    run = make_run(store, {"rejected": 3})
    row = {"outcome": "rejected", "code": "no_user", "reason": "j.doe@x.example is not a user yet."}
    add_entries(store, run, *({"record_key": str(n), **row} for n in range(3)))
    (cause,) = causes(store, run.id)
    assert report.cause_sentence(run, cause) == "3 matters: j.doe@x.example is not a user yet."


def test_records_that_wait_for_a_time_are_counted_by_it(store: Store) -> None:
    run = make_run(store, {"waiting": 3})
    row = {"outcome": "waiting", "code": "until", "reason": "Waiting until 3 March."}
    add_entries(store, run, *({"record_key": str(n), **row} for n in range(3)))
    (cause,) = causes(store, run.id)
    assert report.cause_sentence(run, cause) == "3 matters wait until 3 March."


def test_causes_of_single_records_with_one_remedy_are_gathered(store: Store) -> None:
    run = make_run(store, {"rejected": 7, "skipped": 1})
    wrong = {
        "outcome": "rejected",
        "code": "not_an_email",
        "how_to_fix": "Correct it.",
        "field": "email",
    }
    add_entries(
        store,
        run,
        *({"record_key": str(n), "reason": f"'bob{n}' is no address.", **wrong} for n in range(4)),
        *(
            {"record_key": str(n), "reason": "No user.", "code": "user", "outcome": "rejected"}
            for n in (5, 6)
        ),
        {"record_key": "8", "reason": "No phone.", "code": "phone", "outcome": "rejected"},
        {"record_key": "9", "reason": "Closed.", "outcome": "skipped"},
    )
    found = report.causes_of(store, run)
    assert [report.cause_sentence(run, cause) for cause in found] == [
        "4 matters: 'bob0' is no address. And 3 more like it.",
        "2 matters: No user.",
        "1 matter: No phone.",
        "1 matter: Closed.",
    ]
    assert found[0].examples == ("Matter 0", "Matter 1", "Matter 2")
    assert sum(cause.count for cause in found) == 8


def test_balance_names_every_outcome(store: Store) -> None:
    run = make_run(store, {"rejected": 3, "created": 200, "updated": 9, "skipped": 36})
    assert report.balance(run) == "248 read = 200 created + 9 updated + 36 skipped + 3 rejected"


def test_balance_says_when_records_are_missing(store: Store) -> None:
    run = make_run(store, {"created": 2}, read=5)
    assert not run.balances
    assert report.balance(run) == "5 read, but 2 created: 3 not accounted for"


def test_balance_of_nothing(store: Store) -> None:
    assert report.balance(make_run(store)) == "0 read"


@given(st.dictionaries(st.sampled_from(OUTCOMES), st.integers(1, 10_000)))
@settings(max_examples=50)
def test_balance_adds_up_as_it_reads(counts: dict[str, int]) -> None:
    run = replace(SOME_RUN, counts=counts, read=sum(counts.values()))
    left, _, right = report.balance(run).replace(",", "").partition(" = ")
    assert int(left.split()[0]) == sum(int(part.split()[0]) for part in right.split(" + ") if part)


@pytest.mark.parametrize(
    ("messages", "said"),
    [
        ({"created": 1, "updated": 1}, "2 messages went out."),
        ({"failed": 1}, "1 message did not go out."),
        ({"unsure": 1}, "1 message was sent, but no answer came."),
        ({"waiting": 2}, "2 messages wait for an answer or for a time to come."),
        ({"skipped": 1}, "1 message was left out by a rule."),
    ],
)
def test_messages_made_of_many_records_are_no_records(messages: dict[str, int], said: str) -> None:
    counts = Counter(unchanged=3, skipped=2) + Counter(messages)
    run = replace(SOME_RUN, counts=counts, messages=messages, read=5)
    assert run.balances
    assert report.sentences(run) == [
        said, "3 matters had not changed; nothing was sent.", "2 matters were left out by a rule.",
    ]  # fmt: skip
    assert not replace(run, messages={}).balances
    lost = replace(run, read=6)
    assert report.balance(lost).endswith("1 not accounted for")


@given(st.dictionaries(st.sampled_from(OUTCOMES), st.integers(1, 10_000)))
@settings(max_examples=50)
def test_every_finished_run_has_something_to_say(counts: dict[str, int]) -> None:
    run = replace(SOME_RUN, counts=counts, read=sum(counts.values()))
    assert report.headline(run).endswith(".")
    assert all(sentence[0].isupper() or sentence[0].isdigit() for sentence in report.sentences(run))


SOME_RUN = Run(
    id=1, recipe="nightly", title="Nightly", version_id=1, origin="manual", parent_id=None,
    request=RunRequest(), source_noun=Noun("matter", "matters"), target_noun=Noun("case", "cases"),
    status="succeeded", message="", hint="", read=0, counts={}, messages={}, fixed=0,
    created_at=NOW, started_at=NOW, finished_at=NOW, worker="", cancel_requested=False, attempts=0, deaths=0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 24, 20, 30, tzinfo=NEW_YORK), "20:30 today"),
        (datetime(2026, 11, 24, 4, 59, tzinfo=UTC), "23:59 yesterday"),
        (datetime(2026, 11, 25, 9, 5, tzinfo=NEW_YORK), "09:05 tomorrow"),
        (datetime(2026, 11, 3, 8, 0, tzinfo=NEW_YORK), "08:00 on Tuesday 3 November"),
        (datetime(2025, 1, 1, 8, 0, tzinfo=NEW_YORK), "08:00 on Wednesday 1 January 2025"),
    ],
)
def test_moment(at: datetime, expected: str) -> None:
    assert report.moment(at, NOW) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.2, "less than a second"),
        (1, "1 second"),
        (61, "1 minute 1 second"),
        (3605, "1 hour 5 seconds"),
        (7380, "2 hours 3 minutes"),
    ],
)
def test_took(seconds: float, expected: str) -> None:
    assert report.took(seconds) == expected
