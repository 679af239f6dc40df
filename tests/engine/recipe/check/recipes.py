"""What the tests of the check share: a recipe to spoil, and what is found in it."""

from collections.abc import Collection
from pathlib import Path

from engine.host import Host
from engine.recipe.checking.check import check_recipe
from engine.recipe.findings import Finding
from engine.recipe.load import parse_recipe

BASE = """\
name: Cases become tickets
trigger:
  use: office.case_changed
  as: case
skip:
  - if: not case.client
    reason: It has no client.
steps:
  - id: person
    use: desk.find_person
    with: {email: "{{ case.client.email }}"}
    if_none: skip
  - id: ticket
    use: desk.save_ticket
    key: case.id
    with:
      title: TITLE
      contact.phone: "{{ case.client.phones | first_of | phone }}"
      contact.surname: "{{ person.name }}"
translate:
  kinds: {a: b}
"""


GOOD = "x"


def findings(
    text: str, host: Host, connections: Collection[str] | None = None, *, hints: bool = False
) -> list[Finding]:
    recipe = parse_recipe(text, Path("recipes/r.yaml"))
    return check_recipe(recipe, host, connections, hints=hints)
