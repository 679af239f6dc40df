"""Waits, rounds, branches at once, called recipes, blueprints: a trial goes through all of them."""

import pytest

from engine.recipe.load import parse_recipe
from engine.run.whatif.whatif import whatif
from tests.engine.run.whatif.conftest import SHIPPED, Look

HEAD = """\
name: Matters
trigger: {use: clio.matter_changed, as: matter, timezone: America/New_York}
steps:
"""
DURABLE = """\
  - id: pause
    wait: 2 days
  - id: both
    parallel:
      - - id: person
          use: casestatus.upsert_client
          with: {phone: "+12125550123", last_name: "{{ matter.client.last_name }}"}
      - - id: staff
          use: casestatus.find_staff
          with: {email: "{{ matter.responsible_attorney.email }}"}
          if_none: continue
  - id: poll
    until: found.id == '101'
    every: 10 minutes
    at_most: 3 times
    steps:
      - id: found
        use: casestatus.find_staff
        with: {email: "{{ matter.client.email }}"}
  - id: later
    wait: {until: "{{ matter.close_date }}"}
  - id: message
    use: casestatus.send_message
    with: {case: "{{ person.id }}", text: "{{ matter.description }} {{ staff.name }}"}
"""
COLLECT = """\
  - id: digest
    collect: "{{ matter.display_number }}: {{ matter.location }}"
    steps:
      - id: message
        use: casestatus.send_message
        with: {case: "1", text: "{{ digest | join(', ') | truncate(30) }}"}
"""
OFFICE = """\
  - id: lawyer
    use: casestatus.find_staff
    with: {email: "{{ matter.responsible_attorney.email }}"}
    if_none:
      id: office
      use: casestatus.find_staff
      with: {email: office@firm.example}
      if_none: {reject: Nobody stands in.}
  - id: message
    use: casestatus.send_message
    with: {case: "1", text: "{{ lawyer.name }}"}
"""
CALLS = """\
  - id: welcome
    call: welcome
    with: {email: "{{ matter.client.email }}"}
"""
WELCOME = """\
name: Welcome
inputs:
  email: e-mail
steps:
  - id: staff
    use: casestatus.find_staff
    with: {email: "{{ inputs.email }}"}
    if_none: {reject: Nobody has this address.}
  - id: person
    use: casestatus.upsert_client
    with: {phone: "+12125550123", last_name: "{{ staff.name }}"}
outputs:
  person: "{{ person.id }}"
"""
CLUB = """\
blueprint: csv-to-mailchimp
inputs: {file: samples/contacts.csv, mailchimp: mailchimp, audience: a1b2c3d4e5}
"""


@pytest.fixture(scope="module")
def durable(look):
    return look(HEAD + DURABLE)


def test_nobody_waits_in_a_trial(durable):
    assert durable.found.base_outcome == "created"
    assert durable.found.left_out == ()


def test_a_moment_that_is_empty_or_too_far_is_found(durable):
    empty = durable.problem("matter.close_date", "null")
    assert empty.sentence.endswith("It is not known until when to wait: the moment is empty.")
    assert "more than a year away" in durable.problem("matter.close_date", "far-future").sentence


def test_a_search_that_finds_nothing_is_read_later(durable):
    assert durable.problem("staff", "not-found").sentence == (
        "If the staff member of 'staff' isn't found in Case Status, the matter is rejected: staff.name "
        "is empty."
    )


def test_what_a_called_recipe_searches_for_is_varied_at_the_call(host, tmp_path):
    path = tmp_path / "matters.yaml"
    found = Look("", whatif(parse_recipe(HEAD + CALLS, path, {"welcome.yaml": WELCOME}), host))
    assert found.found.base_outcome == "created"
    missing = found.problem("welcome.staff", "not-found")
    assert "Nobody has this address." in missing.sentence
    assert missing.line == 4
    assert found.problem("matter.client.email", "null").level == "rejected"


def test_a_recipe_from_a_blueprint_is_tried_and_says_whose_lines_it_means(look):
    found = look(CLUB, SHIPPED / "club.yaml")
    assert found.found.file == "blueprint 'csv-to-mailchimp'"
    assert found.problem("row.email", "empty").level == "handled"


def test_what_is_collected_goes_out_in_its_message(look):
    digest = look(HEAD + COLLECT)
    assert digest.found.base_outcome == "created"
    assert digest.found.left_out == ()
    gap = digest.problem("matter.location", "null")
    assert (gap.mark, "value" in gap.sentence) == ("gap", True)


def test_a_search_that_stands_in_for_another_is_tried_where_that_finds_nothing(look):
    office = look(HEAD + OFFICE)
    assert office.cases["lawyer", "not-found"].outcome == "created"
    assert office.problem("office", "not-found").sentence == (
        "If the staff member of 'office' isn't found in Case Status, the matter is rejected: Nobody "
        "stands in. Looked for email 'office@firm.example'."
    )
