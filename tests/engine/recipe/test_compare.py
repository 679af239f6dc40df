"""Two texts of a recipe compared: lines, and sentences where that is easy."""

from engine.recipe.editing.compare import changes, hunks, unified

OLD = """\
name: A
trigger:
  use: office.case_changed
  schedule: manual
skip:
  - {if: not case, reason: No.}
steps:
  - id: person
    use: desk.find_person
    with: {email: a}
  - id: ticket
    use: desk.save_ticket
    with:
      title: x
      kind: question
      contact.phone: "1"
"""


def test_what_changed_in_a_step_is_a_sentence_each() -> None:
    new = OLD.replace("title: x", "title: y").replace("      kind: question\n", "")
    new = new.replace("schedule: manual", "schedule: every hour")
    assert changes(OLD, new) == [
        "Trigger: schedule changed from “manual” to “every hour”.",
        "Step ticket: field title changed from “x” to “y”.",
        "Step ticket: field kind was taken out.",
    ]


def test_steps_that_come_go_and_move_are_told() -> None:
    first, second = OLD.index("  - id: person"), OLD.index("  - id: ticket")
    swapped = OLD[:first] + OLD[second:] + OLD[first:second]
    assert changes(OLD, swapped) == ["The steps are in another order."]
    assert changes(OLD, OLD[:second]) == ["Step ticket was taken out."]
    assert changes(OLD[:second], OLD) == ["Step ticket was added."]


def test_what_has_no_short_value_is_only_named() -> None:
    new = OLD.replace("reason: No.", "reason: Nobody.").replace("name: A", "name: " + "A" * 80)
    assert changes(OLD, new) == ["Name changed.", "Skip changed."]


def test_steps_within_a_step_are_told_by_their_ids() -> None:
    inner = "  - id: each\n    for_each: case.people\n    steps:\n      - {id: one, use: desk.x, key: A}\n"
    assert changes(OLD + inner, OLD + inner.replace("key: A", "key: B")) == [
        "Step one: key changed from “A” to “B”."
    ]


def test_comments_and_forms_change_nothing() -> None:
    assert changes(OLD, "# A note.\n" + OLD.replace("title: x", "title: 'x'")) == []


def test_what_is_no_recipe_has_lines_only() -> None:
    assert changes(OLD, "- a") == []
    assert changes("", OLD) == []
    assert hunks("", OLD)


def test_lines_are_those_of_diff() -> None:
    new = OLD.replace("      title: x\n", "      title: y\n      due: z\n")
    assert list(unified(OLD, new)) == [
        ("place", "@@ -11,6 +11,7 @@"),
        ("same", "   - id: ticket"),
        ("same", "     use: desk.save_ticket"),
        ("same", "     with:"),
        ("removed", "-      title: x"),
        ("added", "+      title: y"),
        ("added", "+      due: z"),
        ("same", "       kind: question"),
        ("same", '       contact.phone: "1"'),
    ]


def test_places_far_apart_stand_apart() -> None:
    text = "".join(f"line {number}\n" for number in range(40))
    changed = text.replace("line 2\n", "").replace("line 30\n", "line thirty\n")
    first, second = hunks(text, changed)
    assert [line.text for line in first if line.kind == "removed"] == ["line 2"]
    [added] = [line for line in second if line.kind == "added"]
    assert (added.before, added.after, added.text) == (None, 30, "line thirty")
    assert hunks(text, text) == []
