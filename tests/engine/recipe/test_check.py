"""A recipe is checked against the connectors: every mistake, its place, and what to write instead."""

from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.host import Host, build_host
from engine.recipe.check import check_file, check_recipe
from engine.recipe.environment import build_environment
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.findings import Finding
from engine.recipe.load import parse_recipe
from engine.recipe.template import compile_expression, compile_template

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


def test_a_good_recipe_has_no_findings(host: Host) -> None:
    assert findings(BASE.replace("TITLE", GOOD), host, {"office"}) == []


# A title, the column of its caret in line 17, the code, part of the message or hint, and the
# corrected title. Column 15 is the first character inside the quotes.
TEMPLATES = [
    ("{{ cas.id }}", 18, "unknown-name", "Did you mean 'case'? In scope: case, person.", "{{ case.id }}"),
    ("{{ record.id }}", 18, "unknown-name", "In scope: case, person", "{{ case.id }}"),
    ("{{ x }}", 18, "unknown-name", "There is no 'x' here.", ""),
    ("{{ ticket.id }}", 18, "too-early", "'ticket' has no result yet", ""),
    ("{{ case.titel }}", 23, "unknown-field", "'case' has no field 'titel'", "{{ case.title }}"),
    ("{{ case.client.nam }}", 30, "unknown-field", "'case.client'", "{{ case.client.name }}"),
    ("{{ case['titel'] }}", 24, "unknown-field", "Did you mean 'title'", "{{ case['title'] }}"),
    ("{{ case.zzz }}", 23, "unknown-field", "It has: id, title, status", ""),
    ("a {{ case.id }} b {{ case.titel }}", 41, "unknown-field", "title", "a {{ case.id }} b {{ case.title }}"),
    ("{{ case.title.short }}", 29, "unknown-field", "is text and has no fields", ""),
    ("{{ case.id.x }}", 26, "unknown-field", "is a number and has no fields", ""),
    ("{{ case.people.name }}", 30, "field-of-list", "(case.people | first).name", ""),
    ("{{ (case.people | first).nam }}", 40, "unknown-field", "no field 'nam'", "{{ (case.people | first).name }}"),
    ("{{ case.people[0].nam }}", 33, "unknown-field", "no field 'nam'", "{{ case.people[0].name }}"),
    ("{{ case.people[0].phones[0].nr }}", 43, "unknown-field", "It has: name, number", ""),
    ("{{ case.people | map('nam') | join }}", 37, "unknown-field", "An entry of 'case.people'", "{{ case.people | map('name') | join }}"),
    ("{{ case.people | map('phones.x') | length }}", 44, "field-of-list", "is a list", ""),
    ("{{ case.people | where('nam', 'x') | length }}", 39, "unknown-field", "'name'", "{{ case.people | where('name', 'x') | length }}"),
    ("{{ case.people | join }}", 32, "not-text", "can't be joined", ""),
    ("{{ case.client }}", 15, "wrong-type", "'title' takes text, and this is a record", ""),
    ("{{ case.people }}", 15, "wrong-type", "this is a list", ""),
    ("No. {{ case.client }}", 22, "not-text", "'case.client' is a record", ""),
    ("No. {{ case.people }}", 22, "not-text", "join", ""),
    ("{{ case.title | uper }}", 31, "unknown-filter", "no filter 'uper'", "{{ case.title | upper }}"),
    ("{{ case.title | striptags }}", 31, "unknown-filter", "text_of_html", "{{ case.title | text_of_html }}"),
    ("{{ case.title | zzzzz }}", 31, "unknown-filter", "There are: default, lower", ""),
    ("{{ case.title | truncate }}", 31, "filter-arguments", "`truncate(length)`", ""),
    ("{{ case.title | truncate('5') }}", 40, "filter-arguments", "takes a number here, not '5'", ""),
    ("{{ case.title | replace('a') }}", 31, "filter-arguments", "`replace(old, new)`", ""),
    ("{{ case.title | lower(1) }}", 31, "filter-arguments", "not given what it needs", ""),
    ("{{ case.title | date(oder='x') }}", 31, "filter-arguments", "`date(format=…, order=…)`", ""),
    ("{{ case.title | date(order='dmy') }}", 42, "filter-arguments", "'day first'", ""),
    ("{{ case.title | phone('USA') }}", 37, "filter-arguments", "two letters", ""),
    ("{{ case.title | time_zone('EST5') }}", 41, "filter-arguments", "no time zone 'EST5'", ""),
    ("{{ case.id | money('XXQ') }}", 34, "filter-arguments", "not a currency", ""),
    ("{{ case.title | translate('kind') }}", 42, "unknown-table", "no table 'kind'", "{{ case.title | translate('kinds') }}"),
    ("{{ 1 if case.title is emty else 2 }}", 37, "unknown-test", "no test 'emty'", ""),
    ("{{ 1 if case.title is null else 2 }}", 37, "unknown-test", "'none'", "{{ 1 if case.title is none else 2 }}"),
    ("{{ 1 if case.status == 'Open' else 2 }}", 39, "never-equal", "never 'Open'", "{{ 1 if case.status == 'open' else 2 }}"),
    ("{{ 1 if 'shut' != case.status else 2 }}", 24, "never-equal", "open, closed", ""),
    ("{{ case.items() }}", 23, "function-call", "no function 'items'", ""),
    ("{{ upper(case.title) }}", 18, "function-call", "`… | upper`", ""),
    ("{{ now() }}", 18, "function-call", "no function 'now'", ""),
    ("{{ case.id }", 15, "template-syntax", "never closed", "{{ case.id }}"),
    ("{{ case.id", 15, "template-syntax", "never closed", "{{ case.id }}"),
    ("{ case.id }}", 15, "template-syntax", "two braces", "{{ case.id }}"),
    ("{{ (case.id }}", 18, "template-syntax", "The ( that opens here", ""),
    ("{{ case.id) }}", 25, "template-syntax", "')' can't stand here", ""),
    ("{{ case.id case.title }}", 26, "template-syntax", "'case.title' can't stand here", ""),
    ("{{ case.id + }}", 28, "template-syntax", "isn't complete", ""),
    ("{{ case.id | }}", 28, "template-syntax", "isn't complete", ""),
    ("{{ }}", 18, "template-syntax", "isn't complete", ""),
    ("{{ 'a }}", 18, "template-syntax", "quotes at both its ends", ""),
    ("{{ a && b }}", 20, "template-syntax", "`and`", ""),
    ("{{ a ? b : c }}", 20, "template-syntax", "if condition else", ""),
    ("{% if a %}b{% endif %}", 15, "template-syntax", "not available", ""),
    ("", 15, "wrong-value", "can't be empty", ""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "column", "code", "words", "corrected"), TEMPLATES)
def test_wrong_templates(
    host: Host, title: str, column: int, code: str, words: str, corrected: str
) -> None:
    (found,) = findings(BASE.replace("TITLE", f'"{title}"'), host)
    assert (found.position.line, found.position.column) == (17, column)
    assert (found.code, found.step) == (code, "ticket")
    assert words in f"{found.message} {found.hint}"
    assert found.corrected == (f'      title: "{corrected}"' if corrected else "")


@pytest.mark.parametrize("title", [t[4] for t in TEMPLATES if t[4]])
def test_corrected_templates_are_right(host: Host, title: str) -> None:
    assert findings(BASE.replace("TITLE", f'"{title}"'), host) == []


GOOD_TITLES = [
    "{{ case.title }} {{ case.id }}",
    "{{ case.client.name if case.client else 'nobody' }}",
    "{{ case.custom.anything_at_all }}",
    "{{ case.title.upper() }}",
    "{{ case.title[:20] }}",
    "{{ case['title'] ~ ' ' ~ case.id }}",
    "{{ case.people | map('name') | unique | sort | join(', ') }}",
    "{{ (case.people | where('name', 'Sam') | first).phones[0].number | default('-') }}",
    "{{ case.client.phones | first_of('mobile', 'home') | phone('US') }}",
    "{{ person.id }} {{ person.other }}",  # a search's sample may not know all fields
    "{{ case.title | translate('kinds', 'none') }}",
    "{{ (case.opened | date('d MMM yyyy')) or 'never' }}",
    "{# why #}{{ case.id }}",
    "{{ case.status if case.status in ['open'] else 'x' }}",
    "{{ {'a': case.id}.a }} {{ [case.id] | first }}",
    "Braces of {json} and [lists] stay text",
]


@pytest.mark.parametrize("title", GOOD_TITLES)
def test_good_templates_have_no_findings(host: Host, title: str) -> None:
    assert findings(BASE.replace("TITLE", f'"{title}"'), host) == []


# What replaces what, the place, the code, part of the message or hint, and the corrected line.
PARTS = [
    ("use: office.case_changed", "use: offce.case_changed", (3, 8), "unknown-connector", "no connector 'offce'", "use: office.case_changed"),
    ("use: office.case_changed", "use: office.case_chnged", (3, 8), "unknown-operation", "Office has no trigger", "use: office.case_changed"),
    ("use: office.case_changed", "use: desk.save_ticket", (3, 8), "not-a-trigger", "Help Desk has no triggers", ""),
    ("use: desk.save_ticket", "use: office.case_changed", (14, 10), "not-an-action", "Office has no actions", ""),
    ("use: desk.save_ticket", "use: desk.save_tickt", (14, 10), "unknown-operation", "no action 'save_tickt'", "use: desk.save_ticket"),
    ("as: case", "as: case\n  with: {status: [opne]}", (5, 19), "wrong-value", "'status' can't be 'opne'", "with: {status: [open]}"),
    ("as: case", "as: case\n  with: {status: shut}", (5, 18), "wrong-value", "one of: open, closed", ""),
    ("as: case", "as: case\n  with: {staus: open}", (5, 10), "unknown-field", "'status'", "with: {status: open}"),
    ("as: case", 'as: case\n  with: {status: "{{ case.status }}"}', (5, 22), "too-early", "before there is a record", ""),
    ("as: case", "as: case\n  timezone: America/New York", (5, 13), "unknown-time-zone", "New_York", "timezone: America/New_York"),
    ("as: case", "as: case\n  timezone: my zone", (5, 13), "unknown-time-zone", "America/New_York", ""),
    ("as: case", "as: case\n  schedule: daily", (5, 13), "bad-schedule", "every day at 20:30", ""),
    ("as: case", "as: case\n  schedule: every munday at 7:00", (5, 19), "bad-schedule", "Did you mean", "schedule: every monday at 7:00"),
    ("as: case", "as: case\n  schedule: every day at 25:00", (5, 26), "bad-schedule", "`8:30 pm`", ""),
    ("as: case", "as: case\n  schedule: every 5 minutes\n  jitter: 5 minutes", (5, 13), "bad-jitter", "shorter", ""),
    ("as: case", "as: case\n  timezone: Amerika/New_York", (5, 13), "unknown-time-zone", "'America/New_York'", "timezone: America/New_York"),
    ("not case.client", "not cas.client", (6, 13), "unknown-name", "In scope: case.", "- if: not case.client"),
    ("not case.client", "case.client", (6, 9), "not-a-condition", "`case.client is not blank`", ""),
    ("not case.client", "case.title", (6, 9), "not-a-condition", "`case.title == '…'`", ""),
    ("not case.client", "case.id = 5", (6, 17), "template-syntax", "`==`", "- if: case.id == 5"),
    ("not case.client", "case.id ==", (6, 19), "template-syntax", "ends too early", ""),
    ("not case.client", '"{{ case.id }} == 5"', (6, 10), "template-syntax", "no {{ }}", '- if: "case.id == 5"'),
    ("not case.client", "person.id == 5", (6, 9), "too-early", "no result yet", ""),
    ("It has no client.", "It is {{ case.stat }}.", (7, 27), "unknown-field", "'status'", "reason: It is {{ case.status }}."),
    ("if_none: skip", 'if_none: {reject: "No {{ persn.id }}."}', (12, 30), "unknown-name", "In scope: case.", ""),
    ("    if_none: skip\n  - id: ticket", "    if_none: skip\n    key: case.id\n  - id: ticket", (13, 10), "misplaced-key", "is a search", ""),
    ("key: case.id", "key: case.client", (15, 10), "wrong-type", "`case.client.id`", ""),
    ("key: case.id", "key: case.idd", (15, 15), "unknown-field", "'id'", "key: case.id"),
    ("key: case.id", "if_none: skip", (14, 10), "misplaced-key", "is for searches", ""),
    ("key: case.id", "if: case.title", (15, 9), "not-a-condition", "true or false", ""),
    ("title: TITLE", "titel: x", (17, 7), "unknown-field", "Did you mean 'title'", "title: x"),
    ("title: TITLE", "kind: problem", (14, 10), "missing-field", "needs 'title'", ""),
    ("title: TITLE", "title: [a, b]", (17, 15), "wrong-type", "one value, not a list", ""),
    ("title: TITLE", "title.x: a", (17, 7), "unknown-field", "takes one value", ""),
    ("title: TITLE", "title: a\n      kind: problm", (18, 13), "wrong-value", "'problem'", "kind: problem"),
    ("title: TITLE", "title: a\n      due: 2026-02-30", (18, 12), "wrong-value", "not a date", ""),
    ("title: TITLE", "title: a\n      hours: many", (18, 14), "wrong-value", "not a whole number", ""),
    ("title: TITLE", "title: a\n      private: maybe", (18, 16), "wrong-value", "neither true nor false", ""),
    ("title: TITLE", "title: a\n      tags: [a, '{{ case.client }}']", (18, 18), "wrong-type", "record", ""),
    ("title: TITLE", "title: a\n      contact.email: sam at x", (18, 22), "wrong-value", "not an e-mail", ""),
    ("title: TITLE", "title: a\n      contact.emial: x", (18, 7), "unknown-field", "'contact.emial'", "contact.email: x"),
    ("title: TITLE", 'title: a\n      "contact.email": x', (18, 8), "unknown-field", "without quotes", ""),
    ("      contact.phone:", "      contact.fone:", (18, 7), "unknown-field", "'contact.fone'", None),
    ("person.name }}", "person.nmae }}", (19, 35), "unknown-field", "'name'", 'contact.surname: "{{ person.name }}"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "code", "words", "corrected"), PARTS)
def test_wrong_parts(
    host: Host,
    old: str,
    new: str,
    place: tuple[int, int],
    code: str,
    words: str,
    corrected: str | None,
) -> None:
    assert old in BASE
    found = findings(BASE.replace(old, new, 1).replace("TITLE", GOOD), host)[0]
    assert (found.position.line, found.position.column) == place
    assert found.code == code
    assert words in f"{found.message} {found.hint}"
    if corrected is not None:
        assert found.corrected.strip() == corrected


GOOD_PARTS = [
    ("title: TITLE", "title: x\n      kind: problem\n      due: 2026-02-28\n      hours: 00042"),
    ("title: TITLE", "title: x\n      private: yes\n      tags: a"),
    ("title: TITLE", "title: x\n      hours: ''\n      tags: [a, b]\n      contact: {email: a@b.example}"),
    ("title: TITLE", "title: x\n      due: '{{ case.opened | date }}'\n      private: '{{ case.urgent }}'"),
    ("key: case.id", "key: '{{ case.id }}'\n    if: case.urgent and case.status == 'open'"),
    ("key: case.id", "connection: desk"),  # a connector without a log-in needs none
    ("not case.client", "case.client.email is blank or case.people | length > 3"),
    ("not case.client", "case.urgent"),
    ("not case.client", "\"'x' in case.title\""),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), GOOD_PARTS)
def test_good_parts_have_no_findings(host: Host, old: str, new: str) -> None:
    assert old in BASE
    assert findings(BASE.replace(old, new, 1).replace("TITLE", GOOD), host, {"office"}) == []


def test_all_at_once(host: Host) -> None:
    text = (
        BASE.replace("TITLE", '"{{ cas.id }} {{ case.titel | uper }}"')
        .replace("not case.client", "case.title")
        .replace("      contact.phone:", "      contact.fone:")
    )
    assert [(f.position.line, f.code) for f in findings(text, host)] == [
        (6, "not-a-condition"),
        (17, "unknown-name"),
        (17, "unknown-field"),
        (17, "unknown-filter"),
        (18, "unknown-field"),
    ]


def test_one_finding_a_cause(host: Host) -> None:
    text = BASE.replace("TITLE", "x").replace(
        "      contact.phone:",
        "      contct: {email: a, surname: b, phone: c}\n      contact.phone:",
    )
    (found,) = findings(text, host)
    assert (found.position.line, found.code) == (18, "unknown-field")


def test_everything_missing_is_named_at_the_step(host: Host) -> None:
    text = BASE[: BASE.index("      title")] + "      contact.email: a@b.example\n"
    found = [f for f in findings(text, host) if f.code == "missing-field"]
    assert [f.message for f in found] == [
        "desk.save_ticket needs 'title', 'contact.phone' and 'contact.surname' under `with:`."
    ]
    assert (found[0].position.line, found[0].step) == (14, "ticket")


def test_a_batch_action_takes_parameters_and_row_fields_alike(host: Host) -> None:
    text = BASE.replace("TITLE", GOOD).replace(
        "translate:",
        "  - use: desk.add_rows\n    with: {file: a, columns.Name: '{{ case.title }}'}\ntranslate:",
    )
    assert findings(text, host) == []
    found = findings(text.replace("columns.Name: '{{ case.title }}'", "x: a"), host)
    assert [f.hint for f in found if f.code == "unknown-field"] == ["It takes: file, columns."]


def test_a_search_that_nobody_reads(host: Host) -> None:
    text = BASE.replace("TITLE", GOOD).replace("person.name", "case.title")
    assert findings(text, host) == []  # it still skips records
    (found,) = findings(text.replace("    if_none: skip\n", ""), host)
    assert (found.position.line, found.code) == (9, "unread-step")


def test_guessed_records_complain_of_near_misses_only(host: Host) -> None:
    text = (
        "name: A\ntrigger: {use: office.note_written, with: {folder: a}}\nsteps:\n"
        "  - use: desk.save_ticket\n    with: {title: '{{ record.WORD }}'}\n"
    )
    for word in ("text", "author.name", "subject", "author.email", "author.name.x"):
        expected = ["unknown-field"] if word == "author.name.x" else []
        assert [f.code for f in findings(text.replace("WORD", word), host)] == expected
    (found,) = findings(text.replace("WORD", "auhtor.name"), host)
    assert found.hint == "Did you mean 'author'?"


# -- connections, connectors -----------------------------------------------------------------------


def test_connections_are_not_looked_for_when_unknown(host: Host) -> None:
    assert findings(BASE.replace("TITLE", GOOD), host, None) == []


def test_a_step_without_connection_uses_its_connectors_name(host: Host) -> None:
    (found,) = findings(BASE.replace("TITLE", GOOD), host, {"main"})
    assert (found.position.line, found.code) == (3, "unknown-connection")
    assert found.message == "There is no connection 'office'."
    assert "bridgework connections add office --connector office" in found.hint


def test_an_unknown_connection(host: Host) -> None:
    text = BASE.replace("TITLE", GOOD).replace("  as: case", "  as: case\n  connection: offce")
    (found,) = findings(text, host, {"office"})
    assert found.hint == "Did you mean 'office'?"
    assert found.corrected == "  connection: office"


def test_a_connector_that_could_not_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "office.py").write_text("import nothing_of_this_name\n")
    broken = build_host([], folder=tmp_path)
    found = findings(BASE.replace("TITLE", GOOD), broken)
    assert {f.code for f in found} == {"unknown-connector"}
    assert "could not be loaded" in found[0].hint


def test_columns_of_a_file_are_known(tmp_path: Path) -> None:
    import plugins.csv as csv_connector  # the one connector whose records depend on a file

    (tmp_path / "people.csv").write_text("First name,E-mail\nAda,ada@mail.example\n")
    text = (
        "name: A\ntrigger: {use: csv.row_read, with: {file: FILE}, as: row}\nsteps:\n"
        "  - use: csv.append_rows\n    with: {file: out.csv, columns.name: '{{ row.WORD }}'}\n"
    )
    host = build_host([csv_connector])

    def codes(file: str, word: str) -> list[str]:
        path = tmp_path / "r.yaml"
        path.write_text(text.replace("FILE", file).replace("WORD", word))
        return [found.code for found in check_file(path, host)]

    assert codes("people.csv", "first_name") == []
    assert codes("people.csv", "firstname") == ["unknown-field"]
    assert codes("later.csv", "anything") == []  # the file may come later


# -- hints, files ----------------------------------------------------------------------------------


def test_needless_braces_are_a_hint(host: Host) -> None:
    text = BASE.replace("TITLE", GOOD).replace("not case.client", '"{{ not case.client }}"')
    assert findings(text, host) == []
    (found,) = findings(text, host, hints=True)
    assert (found.level, found.code) == ("hint", "needless-braces")
    assert found.corrected == "  - if: not case.client"


def test_a_file_is_checked_for_both_kinds_of_mistakes(tmp_path: Path, host: Host) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(
        BASE.replace("TITLE", "{{ cas.id }}")
        .replace("It has no client.", "Reason: none")
        .replace("person.name", "person.nmae")
    )
    found = check_file(path, host)
    assert [(f.position.line, f.code) for f in found] == [
        (7, "colon-in-text"),
        (17, "unquoted-braces"),
        (19, "unknown-field"),
    ]


def test_a_file_beyond_reading(tmp_path: Path, host: Host) -> None:
    path = tmp_path / "r.yaml"
    path.write_bytes(b"\xff\xfe")
    assert [found.code for found in check_file(path, host)] == ["not-utf-8"]


EXPRESSION = st.text(st.sampled_from("case.idtl{}()[]|'\"=<> ,+-~%#1not"), max_size=30)


@given(title=EXPRESSION, condition=EXPRESSION)
@example(title="", condition="'")
@example(title="", condition=")")
@example(title="'", condition="a")
def test_what_the_check_lets_through_compiles(host: Host, title: str, condition: str) -> None:
    template = f"{{{{ {title} }}}}"
    text = BASE.replace("TITLE", "'" + template.replace("'", "''") + "'")
    if condition.strip():
        text = text.replace("not case.client", "'" + condition.replace("'", "''") + "'")
    found = findings(text, host)
    assert all(one.as_text() for one in found)
    environment = build_environment(filters_for({}), TESTS)
    if not any(one.position.line == 17 for one in found):
        assert compile_template(environment, template, "title")
    if condition.strip() and not any(one.position.line == 6 for one in found):
        assert compile_expression(environment, condition, "if")
