"""The Clio recipe: what can go wrong with a matter is found without a test written for it."""

import pytest


@pytest.mark.parametrize(
    ("field", "variant", "level", "sentence"),
    [
        (
            "matter.client",
            "null",
            "handled",
            "If a matter has no client, the matter is left out: This matter has no client in Clio.",
        ),
        (
            "matter.clients",
            "two",
            "lost",
            "If a matter has two clients, only the first comes over.",
        ),
        (
            "matter.client.email",
            "null",
            "noted",
            "If a matter's client has no e-mail, the matter comes over without client.email.",
        ),
        (
            "matter.client.type",
            "value:Company",
            "noted",
            "If a matter's client is a company, the matter comes over without client.first_name.",
        ),
        (
            "lawyer",
            "not-found",
            "rejected",
            "If the staff member isn't found in Case Status, the matter is rejected: The "
            "responsible attorney is not a user in Case Status yet. Looked for email "
            "'dana.whitfield@harborlaw.example'.",
        ),
        (
            "matter.stage",
            "unmapped",
            "rejected",
            "If a matter has a stage that isn't in the table 'stages', e.g. 'Something new', the "
            "matter is rejected: 'Something new' is not in the table 'stages'.",
        ),
        (
            "matter.client.phones[].number",
            "foreign-phone-bare",
            "lost",
            "If a phone of a matter's client has a foreign number without its country code, e.g. "
            "French '01 42 68 53 00', client.phone becomes '+10142685300'.",
        ),
        (
            "matter.client.phones",
            "none",
            "rejected",
            "If a matter's client has no phones, the matter is rejected: Case Status needs "
            "client.phone, but this matter has none.",
        ),
    ],
)
def test_what_can_go_wrong_is_said_in_a_sentence(clio, field, variant, level, sentence):
    problem = clio.problem(field, variant)
    assert (problem.sentence, problem.level) == (sentence, level)


def test_a_company_comes_over_by_its_name(clio):
    case = clio.cases["matter.client.type", "value:Company"]
    assert (case.outcome, case.mark) == ("created", "without")


def test_a_foreign_number_with_its_country_code_comes_over_as_it_is(clio):
    case = clio.cases["matter.client.phones[].number", "foreign-phone"]
    assert (case.outcome, case.mark) == ("created", "carried")


def test_foreign_letters_long_texts_and_far_dates_come_over_whole(clio):
    for field, variant in (
        ("matter.client.last_name", "letters"),
        ("matter.description", "long"),
        ("matter.open_date", "far-past"),
        ("matter.open_date", "leap-day"),
    ):
        assert clio.cases[field, variant].mark == "carried"


def test_problems_come_with_their_line_and_a_remedy(clio):
    stage = clio.problem("matter.stage", "unmapped")
    assert stage.line == 30
    assert "Add a line to the table 'stages'" in stage.fix
    clients = clio.problem("matter.clients", "two")
    assert "`for_each: matter.clients`" in clients.fix


def test_what_nobody_would_be_told_comes_first(clio):
    levels = [problem.level for problem in clio.found.problems]
    order = ["lost", "rejected", "noted", "handled"]
    assert levels == sorted(levels, key=order.index)
    assert set(levels) == set(order)


def test_what_says_the_same_is_said_once(clio):
    said = clio.sentences()
    assert len(said) == len(set(said))
    assert [s for s in said if "two clients" in s or "three clients" in s] == [
        "If a matter has two clients, only the first comes over."
    ]


def test_the_same_text_always_gives_the_same_grid(clio, look):
    again = look(clio.text)
    assert again.found.as_json() == clio.found.as_json()
