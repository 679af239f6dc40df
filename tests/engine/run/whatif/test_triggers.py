"""A recipe with several triggers: each is tried on what its own source may send."""

from dataclasses import replace

import pytest

from engine.recipe.load import parse_recipe
from engine.run.whatif.versions import compare
from engine.run.whatif.whatif import whatif
from tests.engine.run.whatif.conftest import CLIO

TEXT = """\
name: Clients, and whoever is written to
triggers:
  - id: matters
    use: clio.matter_changed
    as: matter
  - id: people
    use: clio.contact_changed
    as: SECOND
steps:
  - if: trigger.id == 'matters'
    steps:
      - id: lead
        use: casestatus.find_staff
        with: {email: "{{ matter.responsible_attorney.email }}"}
        if_none: {reject: Nobody is responsible.}
      - id: client
        use: casestatus.upsert_client
        with:
          phone: "{{ matter.client.phones | first_of | phone('US') }}"
          last_name: "{{ lead.name }}"
  - if: trigger.id == 'people'
    steps:
      - id: person
        use: casestatus.upsert_client
        with:
          phone: "{{ SECOND.phones | first_of | phone('US') }}"
          last_name: "{{ SECOND.name | truncate(5) }}"
"""


@pytest.fixture(scope="module")
def both(look):
    return look(TEXT.replace("SECOND", "contact"))


def test_each_triggers_records_are_varied_in_their_own_words(both):
    assert both.found.base == "The sample matter comes over. The sample contact comes over."
    assert "If a matter has no client" in both.cases["matter.client", "missing"].title
    assert both.cases["contact.name", "missing"].title.startswith("If a contact has no name")
    assert not any("No record that was tried" in said for said in both.found.left_out)


def test_a_fix_by_a_skip_rule_names_the_trigger(both):
    fix = both.problem("contact.phones", "missing").fix
    assert "`skip: - if: trigger.id == 'people' and contact.phones is blank`" in fix


def test_what_a_step_finds_is_varied_once_by_the_records_that_come_to_it(both):
    found = [line for line in both.found.lines if line.field.startswith("lead")]
    assert len({line.field for line in found}) == len(found)
    case = both.cases["lead", "not-found"]
    assert case.outcome == "rejected"
    assert "the matter is rejected: Nobody is responsible." in case.sentence


def test_records_called_alike_are_told_apart_by_their_trigger(host):
    text = TEXT.replace("SECOND", "matter")
    found = whatif(parse_recipe(text, CLIO), host)
    fields = [line.field for line in found.lines]
    assert len(set(fields)) == len(fields)
    assert {"matter.client (matters)", "matter.phones (people)"} <= set(fields)


def test_another_name_for_a_record_is_no_change(host, both):
    renamed = whatif(parse_recipe(TEXT.replace("SECOND", "somebody"), CLIO), host)
    assert compare(both.found, renamed) == ()
    worse = replace(renamed, lines=renamed.lines[:1])
    assert compare(worse, renamed)
