"""What is offered at a place in a recipe that is being written, and what is said of a word."""

from pathlib import Path

import pytest

from engine.host import Host
from engine.recipe.editing.complete import Completion, completions, hover

PATH = Path("recipes/r.yaml")
#: ``@`` is where each test writes; ``¦`` in what it writes is the cursor.
RECIPE = """\
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
    with:
      title: "{{ case.title }}"
@
translate:
  kinds: {a: b}
"""


def offered(host: Host, written: str, recipe: str = RECIPE) -> list[Completion]:
    before, _, after = recipe.replace("@", written).partition("¦")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return completions(before + after, PATH, line, column, host, ["desk", "office"])


def labels(host: Host, written: str, recipe: str = RECIPE) -> list[str]:
    return [found.label for found in offered(host, written, recipe)]


@pytest.mark.parametrize(
    ("written", "some"),
    [
        ("¦", {"description", "report"}),
        ("desc¦", {"description"}),
        ("  - ¦", {"use", "ask", "id", "with", "for_each", "choose", "set", "reject"}),
        ("  - for_each: case.peo¦", {"people"}),
        ("  - for_each: case.people\n    ¦", {"as", "steps", "if_item_fails"}),
        ("  - for_each: case.people\n    steps:\n      - use: desk.¦", {"desk.save_ticket"}),
        ("  - for_each: case.people\n    as: one\n    steps:\n      - if: on¦", {"one"}),
        (
            "  - for_each: case.people\n    as: one\n    use: desk.save_ticket\n"
            '    with:\n      title: "{{ one.na¦',
            {"name"},
        ),
        (
            "  - choose:\n      - if: case.urgent\n        steps:\n"
            "          - id: two\n            use: desk.find_person\n            ¦",
            {"with", "if_none"},
        ),
        ('  - id: own\n    set: {a: "x"}\n  - if: own.¦', {"a"}),
        ("    ¦", {"key", "if", "blank"}),
        ("    bl¦", {"blank"}),
        ("    blank: ¦", {"leave alone", "clear", "reject"}),
        ("    blank: cl¦", {"clear"}),
        ("    if_none: {¦", {"reject", "skip"}),
        ("    on_error: {rate_limited: w¦", {"wait"}),
        ("    connection: ¦", {"desk", "office"}),
        ("  - use: desk.¦", {"desk.find_person", "desk.save_ticket"}),
        ("  - use: save¦", {"desk.save_ticket"}),
        ("  - {use: save¦", {"desk.save_ticket"}),
        ("      cont¦", {"contact.phone", "contact.surname"}),
        ("      contact:\n        ¦", {"phone", "surname"}),
        ("      kind: ¦", {"question", "problem"}),
        ('      contact.surname: "{{ ¦', {"case", "person"}),
        ("      contact.surname: {{ pe¦", {"person"}),
        ('      contact.surname: "{{ case.¦ }}"', {"id", "client", "title"}),
        ('      contact.surname: "{{ case.client.¦', {"email", "phones"}),
        ('      contact.surname: "{{ case.client.em¦ail }}"', {"email"}),
        ('      contact.surname: "{{ case.title | lo¦', {"lower"}),
        ("      contact.surname: \"{{ case.title | translate('¦", {"kinds"}),
        ("    if: ¦", {"case", "person"}),
        ("    if: case.cl¦", {"client"}),
        ("    if: case.client is ¦", {"blank", "one_of"}),
        ("    if: case.client is not bl¦", {"blank"}),
        ("    key: case.i¦", {"id"}),
    ],
)
def test_what_may_stand_at_a_place_is_offered(host: Host, written: str, some: set[str]) -> None:
    found = set(labels(host, written))
    assert some <= found
    word = written.partition("¦")[0].split(" ")[-1]
    if word.isalpha():
        assert all(word in label for label in found)


@pytest.mark.parametrize(
    "written",
    [
        "# a comm¦",
        "    if: case.title == 'open¦",
        "      contact.surname: Smith¦",
        '      contact.surname: "{{ nobody.¦',
        '      contact.surname: "{{ case.title.¦',
        "    ]¦",
    ],
)
def test_where_nothing_is_known_nothing_is_offered(host: Host, written: str) -> None:
    assert labels(host, written) == []


def test_what_stands_there_already_is_not_offered_again(host: Host) -> None:
    assert not {"use", "with", "id"} & set(labels(host, "    ¦"))
    assert "title" not in labels(host, "      ¦")


def test_required_fields_come_first(host: Host) -> None:
    recipe = RECIPE.replace('      title: "{{ case.title }}"\n', "")
    first = offered(host, "      ¦", recipe)[0]
    assert (first.label, first.detail, first.insert) == ("title", "required", "title: ")


def test_values_of_a_list_are_offered_once(host: Host) -> None:
    recipe = RECIPE.replace("as: case", "with: {status: [open, ¦]}")
    assert labels(host, "", recipe) == ["closed"]


def test_a_later_step_is_not_in_reach(host: Host) -> None:
    recipe = RECIPE.replace("case.client.email }}", "¦ }}")
    assert labels(host, "", recipe) == ["case", "today", "now"]


def test_a_completion_says_what_it_replaces(host: Host) -> None:
    [found] = offered(host, "    if: case.cl¦ient == 1")
    assert "    if: case.client == 1"[found.start - 1 : found.end - 1] == "client"


def test_mistakes_elsewhere_are_no_hindrance(host: Host) -> None:
    broken = RECIPE.replace("reason: It has no client.", "reason: It: has no client").replace(
        "  kinds: {a: b}", "  kinds: {a: b"
    )
    assert labels(host, '      contact.surname: "{{ case.client.¦', broken)


@pytest.mark.parametrize("text", ["", "¦", ":\n  - [¦", "name: A\n\t¦"])
def test_any_text_can_be_asked_about(host: Host, text: str) -> None:
    assert isinstance(labels(host, "", text), list)
    assert completions("name: A", PATH, 7, 9, host) == []
    assert hover("name: A", PATH, 7, 9, host) is None


@pytest.mark.parametrize(
    ("word", "title"),
    [
        ("office.case_changed", "office.case_changed: "),
        ("if_none", "if_none"),
        ("client.email", "client: a record"),
        ("email }}", "email: text"),
        ("save_ticket", "desk.save_ticket: "),
        ("title", "title: required"),
    ],
)
def test_a_word_is_explained_where_it_stands(host: Host, word: str, title: str) -> None:
    text = RECIPE.replace("@\n", "")
    before = text[: text.index(word) + 1]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    found = hover(text, PATH, line, column, host)
    assert found is not None
    assert found.title.startswith(title)
    written = text.split("\n")[line - 1][found.start - 1 : found.end - 1]
    assert found.title.startswith(written)


def test_a_word_of_ones_own_is_not_explained(host: Host) -> None:
    assert hover(RECIPE, PATH, 1, 8, host) is None
