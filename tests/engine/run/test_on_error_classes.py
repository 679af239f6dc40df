"""`on_error:` tells failures apart: every pair of a failure and what the recipe says of it."""

import pytest

from engine.sdk import Fault

#: Faults of the depot's answers to the first order, with the key of `on_error` that is for them.
pytestmark = pytest.mark.sqlite  # what is decided here comes from the answer alone

FAULTS = {
    "no_answer": Fault("/parcels/1", 100, 503),
    "bad_answer": Fault("/parcels/1", 100, 302),
    "not_found": Fault("/parcels/1", 100, 404),
    "rejected": Fault("/parcels/1", 100, 422),
}
#: What each word makes of the record: its outcome, its code where it is a special one, and whether
#: the run stops.
FAILED = {"fail": ("failed", None), "hold": ("failed", "held"), "skip": ("skipped", None)}
REFUSED = {"report": ("rejected", False), "skip": ("skipped", False), "stop": ("rejected", True)}


@pytest.fixture
def run(office, make_order):
    """Return a function that runs a recipe whose first order meets a fault."""
    office.mill.orders = [make_order("1"), make_order("2")]

    def run(fault: str, on_error: str):
        office.depot.faults.append(FAULTS[fault])
        return office.run(office.recipe(office.SINGLE.rstrip() + f"\n  on_error: {on_error}\n"))

    return run


@pytest.mark.parametrize("word", FAILED)
@pytest.mark.parametrize("other", FAILED)
@pytest.mark.parametrize("fault", ["no_answer", "bad_answer"])
def test_the_particular_word_counts_before_otherwise(office, run, fault, word, other):
    done = run(fault, f"{{{fault}: {word}, otherwise: {other}}}")
    entry = office.entry(done, "1")
    outcome, code = FAILED[word]
    assert entry.outcome == outcome
    assert (entry.code == "held") == (code == "held")
    assert office.outcomes(done)["2"] == "created"


@pytest.mark.parametrize("word", FAILED)
@pytest.mark.parametrize("fault", ["no_answer", "bad_answer"])
def test_without_it_otherwise_counts(office, run, fault, word):
    elsewhere = {"no_answer": "bad_answer", "bad_answer": "no_answer"}[fault]
    done = run(fault, f"{{{elsewhere}: fail, otherwise: {word}}}")
    entry = office.entry(done, "1")
    assert (entry.outcome, entry.code == "held") == (FAILED[word][0], word == "hold")


@pytest.mark.parametrize("rejected", ["report", "stop"])
@pytest.mark.parametrize("word", ["report", "skip", "stop", None])
@pytest.mark.parametrize("fault", ["not_found", "rejected"])
def test_what_is_not_there_is_told_from_what_is_wrong(office, run, fault, word, rejected):
    missing = f"not_found: {word}, " if word else ""
    done = run(fault, f"{{{missing}rejected: {rejected}}}")
    said = (word or rejected) if fault == "not_found" else rejected
    outcome, stops = REFUSED[said]
    assert office.outcomes(done)["1"] == outcome
    assert (done.status == "failed") == stops


@pytest.mark.parametrize(
    ("on_error", "tries"),
    [
        ("{no_answer: retry 1 time then skip}", 2),
        ("{no_answer: retry 1 time then skip, otherwise: retry 5 times then fail}", 2),
        ("{no_answer: skip, otherwise: retry 2 times then fail}", 3),
        ("{bad_answer: hold, otherwise: retry 0 times then fail}", 1),
    ],
)
def test_retries_come_first_and_those_of_no_answer_count_before_otherwise(
    office, run, on_error, tries
):
    run("no_answer", on_error)
    assert len(office.depot.sent("/parcels/1")) == tries


def test_what_one_class_holds_only_a_person_tries_again(office, run):
    done = run("no_answer", "{no_answer: retry 0 times then hold}")
    office.depot.faults.clear()
    again = office.run(office.library.load("parcels"))
    assert office.outcomes(again) == {"1": "failed", "2": "unchanged"}
    assert office.outcomes(office.retry(done)) == {"1": "created"}


def test_what_may_have_arrived_is_not_skipped(office, make_order):
    office.mill.orders = [make_order("1", note="hello")]
    office.line.loses = lambda request: True
    step = office.NOTE.rstrip() + "\n  on_error: {no_answer: skip, bad_answer: skip}\n"
    assert office.outcomes(office.run(office.recipe(step))) == {"1": "unsure"}
