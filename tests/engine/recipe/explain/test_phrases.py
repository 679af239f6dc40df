"""Templates and conditions in words."""

import pytest

from engine.recipe.explain.filter_words import FILTER_WORDS, SAID, TEST_WORDS
from engine.recipe.explain.phrases import Phrases
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.templates.environment import build_environment

CONDITIONS = [
    ("not matter.client", "the matter has no client"),
    ("matter.client", "the matter has a client"),
    ("not matter.enabled", "the matter is not enabled"),
    ("matter.is_closed", "the matter is closed"),
    ("not matter.has_children", "the matter has no children"),
    ("not matter", "there is no matter"),
    ("matter.status == 'open'", "the matter's status is “open”"),
    ("not matter.status == 'open'", "the matter's status is not “open”"),
    ("matter.weight > 10", "the matter's weight is more than 10"),
    ("not (matter.weight > 10)", "the matter's weight is at most 10"),
    ("matter.client is not blank", "the matter's client is not empty"),
    ("not matter.client is blank", "the matter's client is not empty"),
    ("matter.status in ['open', 'pending']", "the matter's status is one of “open”, “pending”"),
    ("matter.due is not earlier_than(today)", "the matter's due is not earlier than today"),
    ("matter.tags is containing('vip')", "the matter's tags has “vip”"),
    (
        "not (matter.client and matter.stage)",
        "the matter has no client or the matter has no stage",
    ),
    ("(matter.clients | length) >= 2", "the number of the matter's clients is at least 2"),
    ("1 < matter.weight < 9", "1 is less than the matter's weight is less than 9"),
]
TEMPLATES = [
    ("{{ matter.client.last_name | upper }}", "the matter's client's last name in capitals"),
    ("Dear {{ matter.client.name }},", "“Dear ‹the matter's client's name›,”"),
    ("{{ matter.a or matter.b }}", "the matter's a, or else the matter's b"),
    (
        "{{ matter.a if matter.status == 'open' else none }}",
        "the matter's a if the matter's status is “open”, else nothing",
    ),
    ("{{ matter.phones | first_of('mobile', 'home') | phone('US') }}",
     "the mobile or home one of the matter's phones as a phone number"),
    ("{{ matter.clients[0].name }}", "the first of the matter's clients' name"),
    ("{{ matter.stage | translate('stages') }}", "the matter's stage by the table “stages”"),
    ("{{ matter.stage | default('New') }}", "the matter's stage, or “New” where that is empty"),
    ("{{ matter.weight + 1 }}", "the matter's weight plus 1"),
    ("{{ matter.clients | map('name') | join(', ') }}", "name of each of the matter's clients"),
    ("{{ matter.weight * 2 > 3 }}", "whether the matter's weight times 2 is more than 3"),
    ("{{ today | add('2 business days') }}", "today plus 2 business days"),
    ("{{ matter.born | until(today, 'years') }}", "the years from the matter's born until today"),
    ("{{ today | since(matter.opened) }}", "the days from the matter's opened until today"),
    ("{{ matter.due | start_of('month') }}", "the first day of the month of the matter's due"),
    ("{{ (matter.no | extract('{a}-{b}')).a }}", "the matter's no read as “{a}-{b}”'s a"),
    ("{{ matter.emails | each('email') | join(', ') }}", "each of the matter's emails as an e-mail address"),
    ("{{ matter.bills | where('due', over=100) | max('due') }}",
     "the largest due of those of the matter's bills whose due is more than 100"),
    ("{{ matter.tags | where('kind', 'a') | length }}",
     "the number of those of the matter's tags whose kind is “a”"),
    ("Getting started", "“Getting started”"),
    ("{{ oops", "“{{ oops”"),
]  # fmt: skip


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    environment = build_environment(filters_for({"stages": {}}), TESTS)
    return Phrases(environment, {"matter": "the matter"})


@pytest.mark.parametrize(("source", "words"), CONDITIONS)
def test_a_condition_is_a_clause(phrases: Phrases, source: str, words: str) -> None:
    assert phrases.condition(source) == words


@pytest.mark.parametrize(("source", "words"), TEMPLATES)
def test_a_template_is_said_by_what_it_reads(phrases: Phrases, source: str, words: str) -> None:
    assert phrases.template(source) == words


def test_every_filter_and_test_has_its_words() -> None:
    assert sorted({*FILTER_WORDS, *SAID}) == sorted(filters_for({}))
    assert sorted(TEST_WORDS) == sorted(TESTS)
