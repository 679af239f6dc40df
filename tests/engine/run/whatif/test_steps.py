"""Loops, choices, keys, questions and stand-ins: each is tried by records that come to it."""

from pathlib import Path

import pytest

HEAD = """\
name: Matters
trigger:
  use: clio.matter_changed
  as: matter
  timezone: America/New_York
steps:
"""
PEOPLE = """\
  - id: people
    for_each: matter.clients
    as: person
    steps:
      - id: kind
        choose:
          - if: person.type == 'Company'
            steps:
              - id: firm
                use: casestatus.upsert_client
                key: person.name
                with:
                  phone: "{{ person.phones | first_of('mobile') | phone('US') }}"
                  last_name: "{{ person.name }}"
        otherwise:
          - id: human
            use: casestatus.upsert_client
            key: person.id
            with:
              phone: "{{ person.phones | first_of('mobile') | phone('US') }}"
              last_name: "{{ person.last_name | truncate(20) }}"
              first_name: "{{ person.first_name | default('-') }}"
"""
CASE = """\
  - id: day
    set: {{opened: "{{{{ matter.created_at {zone}| date }}}}"}}
  - if: matter.status == 'closed'
    reject: Closed matters don't come.
  - id: case
    use: casestatus.upsert_case
    key: {key}
    with:
      name: "{{{{ matter.display_number }}}} {{{{ matter.location }}}}"
      attorney: "1"
      practice_area: "{{{{ matter.practice_area }}}}"
      stage: Intake
      opened_on: "{{{{ day.opened }}}}"
      client: {{phone: "+12125550123", last_name: Okafor}}
    otherwise:
      - id: tell
        use: casestatus.send_message
        with: {{case: "1", text: "{{{{ error.reason }}}} {{{{ matter.billing_method }}}}"}}
"""
ASK = """\
  - id: approval
    ask: "May {{ matter.display_number }} go?"
    within: 3 days
    otherwise: reject
  - id: person
    use: casestatus.upsert_client
    with: {phone: "+12125550123", last_name: "{{ matter.client.last_name }}"}
"""


@pytest.fixture(scope="module")
def people(look):
    return look(HEAD + PEOPLE)


@pytest.fixture(scope="module")
def case(look):
    return look(HEAD + CASE.format(key="matter.display_number", zone=""))


def test_a_loop_brings_all_entries(people):
    assert people.cases["matter.clients", "two"].mark == "carried"
    assert "two clients" not in " ".join(people.sentences())


def test_fields_of_entries_are_varied_in_the_loop(people):
    no_name = people.problem("matter.clients[].last_name", "null")
    assert no_name.sentence.startswith(
        "If a client of a matter has no last name, the matter is rejected:"
    )


def test_the_other_branch_of_a_choice_is_taken_by_what_it_asks_for(people):
    company = people.problem("matter.clients[].type", "value:Company")
    assert company.sentence == (
        "If a client of a matter is a company, the matter goes another way: 'firm' instead of "
        "'human'."
    )
    assert people.found.left_out == ()


def test_a_key_that_two_records_share_is_found_also_in_a_branch(people):
    assert people.problem("matter.clients[].name", "same-key").sentence == (
        "If two matters have a client with the same name, they become one client: the second "
        "overwrites the first."
    )


def test_a_key_by_which_one_person_is_known_again_is_no_problem(people):
    assert people.cases["matter.clients[].id", "same-key"].mark == "carried"


def test_what_a_default_stands_in_for_is_noted(people):
    default = people.problem("matter.clients[].first_name", "null")
    assert (default.level, default.mark) == ("noted", "stand-in")


def test_a_text_that_the_recipe_cuts_is_noted_not_lost(people):
    cut = people.problem("matter.clients[].last_name", "long")
    assert (cut.level, cut.mark) == ("noted", "cut")


def test_two_records_that_share_a_key_become_one(case):
    merged = case.problem("matter.display_number", "same-key")
    assert merged.sentence == (
        "If two matters have the same display number, they become one case: the second overwrites "
        "the first."
    )
    assert merged.level == "lost"


def test_a_key_that_tells_records_apart_is_no_problem(look):
    found = look(HEAD + CASE.format(key="matter.id", zone=""))
    assert not [s for s in found.sentences() if "If two matters" in s]


def test_a_late_evening_that_becomes_the_next_day_is_found(case):
    late = case.problem("matter.created_at", "late")
    assert late.sentence.endswith("opened_on becomes '2026-03-03'.")
    assert "time_zone('America/New_York')" in late.fix


def test_a_day_in_the_right_zone_is_no_problem(look):
    zoned = look(HEAD + CASE.format(key="matter.id", zone="| time_zone('America/New_York') "))
    assert zoned.cases["matter.created_at", "late"].mark in ("same", "carried")
    assert zoned.cases["matter.created_at", "early"].mark in ("same", "carried")


def test_a_step_that_stands_in_is_another_way(case):
    assert case.problem("matter.practice_area", "null").mark == "other-way"
    assert case.cases["case", "refused"].sentence == (
        "If the case is refused by Case Status, the matter goes another way: 'tell' instead of "
        "'case'."
    )


def test_what_the_recipe_rejects_itself_is_said_in_its_words(case):
    closed = case.problem("matter.status", "value:closed")
    assert closed.sentence.endswith("the matter is rejected: Closed matters don't come.")


def test_each_answer_to_a_question_is_tried(look):
    asked = look(HEAD + ASK)
    assert asked.found.base_outcome == "created"
    assert asked.cases["approval", "answer:no"].outcome == "skipped"
    assert asked.cases["approval", "no-answer"].outcome == "rejected"


def test_a_step_that_no_record_comes_to_is_named(look):
    never = ASK.replace(
        "  - id: person\n",
        "  - id: person\n    if: matter.location == 'x' and matter.location == 'y'\n",
    )
    found = look(HEAD + never).found
    assert any("'person'" in sentence for sentence in found.left_out)


def test_a_run_that_would_stop_is_said_to(look):
    stops = ASK + "    on_error: {rejected: stop}\n"
    case = look(HEAD + stops).problem("matter.client.last_name", "null")
    assert "the whole run stops" in case.sentence


def test_of_a_large_table_some_values_are_tried_and_that_is_said(look):
    table = "".join(f"    Area {n}: Area\n" for n in range(100))
    text = ASK.replace("matter.client.last_name }}", "matter.practice_area | translate('areas') }}")
    found = look(f"{HEAD}{text}translate:\n  areas:\n    Personal Injury: PI\n{table}").found
    assert found.left_out == ("Of the 101 values in the table 'areas', 40 were tried.",)
    assert found.tried < 300


def test_where_the_sample_is_left_out_one_that_comes_over_is_varied(look):
    skips = HEAD.replace(
        "steps:\n", "skip: [{if: matter.stage != 'Demand', reason: Too early.}]\nsteps:\n"
    )
    found = look(skips + ASK)
    assert found.found.base == (
        "The sample matter does not come over (Too early); one that does is varied instead."
    )
    assert found.problem("matter.stage", "null").level == "handled"
    assert found.problem("matter.client.last_name", "null").level == "rejected"


def test_what_goes_on_without_an_entry_comes_over_in_part(look):
    loop = PEOPLE.replace("    as: person\n", "    as: person\n    if_item_fails: continue\n")
    found = look(
        HEAD
        + loop
        + ASK.replace("id: person", "id: client").replace("matter.client.last_name", "matter.id")
    )
    part = found.problem("matter.clients[].last_name", "null")
    assert (part.level, part.mark) == ("rejected", "part")
    assert "the matter comes over, but: Case Status needs last_name" in part.sentence


def test_a_label_that_first_of_does_not_name_is_lost_where_the_field_may_be_empty(look):
    optional = ASK.replace(
        'last_name: "{{ matter.client.last_name }}"',
        "last_name: X, first_name: \"{{ matter.client.phones | first_of('mobile') }}\"",
    )
    lost = look(HEAD + optional).problem("matter.client.phones[].name", "unlisted")
    assert lost.sentence == (
        "If a phone of a matter's client has another label than mobile, first_name is left empty, "
        "although the source has something."
    )
    assert "`first_of('mobile', …)`" in lost.fix


def test_a_step_that_stands_in_is_tried_with_a_record_that_comes_over(look):
    path = Path(__file__).parents[4] / "recipes" / "refused-orders-told-to-another-system.yaml"
    found = look(path.read_text("utf-8"), path)
    assert "If a row has no customer, the row comes over without body.customer." in (
        found.sentences()
    )
