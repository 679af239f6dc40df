"""Each kind of step within each other kind: a trial goes through, and no variant is a defect."""

from itertools import product

import pytest

WRITE = "- {use: casestatus.upsert_client, id: ID, key: matter.id, with: {phone: '+12125550123', \
last_name: '{{ matter.client.last_name }}'}}"
#: A step with a hole; ``ID`` is its id.
AROUND = {
    "for each": "- id: ID\n  for_each: matter.clients\n  as: of_ID\n  steps:\nHOLE",
    "choose": "- id: ID\n  choose:\n    - if: matter.status == 'open'\n      steps:\nDEEP\n"
    "  otherwise:\n    - id: no_ID\n      set: {x: 'y'}",
    "group": "- id: ID\n  if: matter.location is not blank\n  steps:\nHOLE",
    "parallel": "- id: ID\n  parallel:\n    - steps:\nDEEP\n    - - id: other_ID\n"
    "        set: {x: '{{ matter.description }}'}",
    "until": "- id: ID\n  until: found_ID.id == '101'\n  every: 10 minutes\n  at_most: 2 times\n"
    "  if_never: continue\n  steps:\n    - id: found_ID\n      use: casestatus.find_staff\n"
    "      with: {email: '{{ matter.client.email }}'}\nHOLE",
    "otherwise": "- id: ID\n  use: casestatus.send_message\n"
    "  with: {case: '1', text: '{{ matter.billing_method }}'}\n  otherwise:\nHOLE",
}
INSIDE = {
    **AROUND,
    "set": "- id: ID\n  set: {day: '{{ matter.created_at | date }}'}",
    "skip": "- id: ID\n  if: matter.description is blank\n  skip: Nothing to say.",
    "stop": "- id: ID\n  if: matter.stage is blank\n  stop: Stages are gone.",
    "collect": "- id: ID\n  collect: '{{ matter.display_number }}'\n  steps:\n"
    "    - {use: casestatus.send_message, id: say_ID, with: {case: '1', text: hello}}",
    "wait": "- id: ID\n  wait: 2 days",
    "ask": "- id: ID\n  ask: May {{ matter.display_number }} go?",
}


def filled(kind, id, inner):
    text = kind.replace("ID", id)
    for hole, depth in (("HOLE", 4), ("DEEP", 8)):
        text = text.replace(hole, indented(inner, depth))
    return text


def indented(text, depth):
    return "\n".join(" " * depth + line for line in text.splitlines())


@pytest.mark.parametrize(
    ("outer", "inner"), list(product(AROUND, INSIDE)), ids=lambda kind: kind.replace(" ", "-")
)
def test_every_kind_goes_in_every_other(look, outer, inner):
    write = WRITE.replace("ID", "deepest")
    nested = filled(INSIDE[inner], "inner", write)
    steps = filled(AROUND[outer], "outer", nested)
    last = "- {use: casestatus.send_message, id: last, with: {case: '1', text: hello}}"
    head = "name: Nested\ntrigger: {use: clio.matter_changed, as: matter}\nsteps:\n"
    found = look(head + indented(f"{steps}\n{last}", 2)).found
    assert found.base_outcome == "created"
    assert [c.reason for line in found.lines for c in line.cases if c.mark == "crash"] == []
