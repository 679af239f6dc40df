"""Mistakes in templates and in single parts of a recipe are found, each with its place and remedy."""

import pytest

from engine.host import Host
from tests.engine.recipe.check.recipes import BASE, GOOD, findings

# A title, the column of its caret in line 17, the code, part of the message or hint, and the
# corrected title. Column 15 is the first character inside the quotes.
TEMPLATES = [
    ("{{ cas.id }}", 18, "unknown-name", "Did you mean 'case'? Known here: case, person.", "{{ case.id }}"),
    ("{{ record.id }}", 18, "unknown-name", "Known here: case, person", "{{ case.id }}"),
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
    ("{{ case.title | zzzzz }}", 31, "unknown-filter", "docs/filters.md", ""),
    ("{{ case.client | lower }}", 32, "wrong-type", "takes text, and 'case.client' is a record", ""),
    ("{{ case.people | phone }}", 32, "wrong-type", "(case.people | first).name | phone", ""),
    ("{{ case.title | first }}", 31, "wrong-type", "only one", ""),
    ("{{ case.id | date }}", 28, "wrong-type", "from_timestamp", ""),
    ("{{ case.urgent | round }}", 32, "wrong-type", "takes a number", ""),
    ("{{ case.title | pick('a') | json }}", 31, "wrong-type", "takes a record", ""),
    ("{{ case.client | pick('nmae') | json }}", 38, "unknown-field", "'name'", "{{ case.client | pick('name') | json }}"),
    ("{{ (case.client | omit('id')).nam }}", 45, "unknown-field", "name", "{{ (case.client | omit('id')).name }}"),
    ("{{ (case.client | pick('id')).nam }}", 45, "unknown-field", "It has: id", ""),
    ("{{ case.people | sort('nmae') | length }}", 38, "unknown-field", "'name'", "{{ case.people | sort('name') | length }}"),
    ("{{ (case.people | where('id', over=3) | sort('name') | first).nam }}", 77, "unknown-field", "'name'", "{{ (case.people | where('id', over=3) | sort('name') | first).name }}"),
    ("{{ (case.people | map('phones') | flatten | first).nr }}", 66, "unknown-field", "It has: name, number", ""),
    ("{{ ((case.people | group_by('name') | first).entries | first).nam }}", 77, "unknown-field", "'name'", "{{ ((case.people | group_by('name') | first).entries | first).name }}"),
    ("{{ (case.people | index_by('email')).x.nam }}", 54, "unknown-field", "'name'", "{{ (case.people | index_by('email')).x.name }}"),
    ("{{ (case.title | extract('{a}-{num}')).nmu }}", 54, "unknown-field", "'num'", "{{ (case.title | extract('{a}-{num}')).num }}"),
    ("{{ (case.title | name_parts).frist }}", 44, "unknown-field", "'first'", "{{ (case.title | name_parts).first }}"),
    ("{{ case.people | map('email') | each('emial') | join }}", 53, "unknown-filter", "'email'", "{{ case.people | map('email') | each('email') | join }}"),
    ("{{ case.people | each('lower') | join }}", 38, "wrong-type", "is a record", ""),
    ("{{ case.people | map('name') | sum }}", 46, "not-a-number", "each('float')", ""),
    ("{{ [case] | where('status', 'Open') | length }}", 44, "never-equal", "'open'", "{{ [case] | where('status', 'open') | length }}"),
    ("{{ case.title | add('soon') }}", 35, "filter-arguments", "length of time", ""),
    ("{{ case.title | until('2024-03-04', 'fortnights') }}", 51, "filter-arguments", "unit of time", ""),
    ("{{ case.title | extract('{a}{b}') }}", 39, "filter-arguments", "between two names", ""),
    ("{{ case.title | hash('md6') }}", 36, "filter-arguments", "'md5'", ""),
    ("{{ case.title | postal_code('USA') }}", 43, "filter-arguments", "two letters", ""),
    ("{{ case.title | md5 }}", 31, "unknown-filter", "hash('md5')", ""),
    ("{{ case.title | selectattr('x') }}", 31, "unknown-filter", "where('field', 'value')", ""),
    ("{{ case.title | regex_replace('x') }}", 31, "unknown-filter", "replace('old', 'new')", ""),
    ("{{ case.title | truncate }}", 31, "filter-arguments", "`truncate(length)`", ""),
    ("{{ case.title | truncate('5') }}", 40, "filter-arguments", "takes a number here, not '5'", ""),
    ("{{ case.title | replace('a') }}", 31, "filter-arguments", "`replace(old, new)`", ""),
    ("{{ case.title | lower(1) }}", 31, "filter-arguments", "not written like this", ""),
    ("{{ case.title | date(oder='x') }}", 31, "filter-arguments", "`date(format=…, order=…, default=…)`", ""),
    ("{{ case.title | date(order='dmy') }}", 42, "filter-arguments", "'day first'", ""),
    ("{{ case.title | phone('USA') }}", 37, "filter-arguments", "two letters", ""),
    ("{{ case.title | time_zone('EST5') }}", 41, "filter-arguments", "no time zone 'EST5'", ""),
    ("{{ case.id | money('XXQ') }}", 34, "filter-arguments", "not a currency", ""),
    ("{{ case.title | translate('kind') }}", 42, "unknown-table", "no table 'kind'", "{{ case.title | translate('kinds') }}"),
    ("{{ 1 if case.title is emty else 2 }}", 37, "unknown-test", "no test 'emty'", ""),
    ("{{ 1 if case.title is null else 2 }}", 37, "unknown-test", "'none'", "{{ 1 if case.title is none else 2 }}"),
    ("{{ 1 if case.status == 'Open' else 2 }}", 39, "never-equal", "never 'Open'", "{{ 1 if case.status == 'open' else 2 }}"),
    ("{{ 1 if 'shut' != case.status else 2 }}", 24, "never-equal", "open, closed", ""),
    ("{{ case.items() }}", 23, "function-call", "no 'items()'", ""),
    ("{{ upper(case.title) }}", 18, "function-call", "`… | upper`", ""),
    ("{{ now() }}", 18, "function-call", "without brackets", "{{ now }}"),
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
    ("{{ case.urgent && case.client }}", 30, "template-syntax", "`and`", "{{ case.urgent and case.client }}"),
    ("{{ case.urgent ? 1 : 2 }}", 30, "template-syntax", "if condition else", "{{ 1 if case.urgent else 2 }}"),
    ("{{ case.title.upper() }}", 29, "function-call", "no 'upper()'", "{{ case.title | upper }}"),
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
    "{{ case.custom.OR }} {{ case.custom.then }} {{ case.custom.IS == 'AND' }}",
    "{{ case.title | replace(' & ', ' and ') }} {{ 'a = b? $5 && f' }}",
    "{{ 0.5 + 1.5 }} {{ {'a': [1, 2,]}.a | first }}",
    "case.nothing and {x.y} and 5% off and [a.b] stay text",
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
    ("as: case", "as: case\n  timezone: New York", (5, 13), "unknown-time-zone", "New_York'?", "timezone: America/New_York"),
    ("as: case", "as: case\n  timezone: Eastern", (5, 13), "unknown-time-zone", "'US/Eastern'?", None),
    ("as: case", "as: case\n  timezone: my zone", (5, 13), "unknown-time-zone", "America/New_York", ""),
    ("as: case", "as: case\n  schedule: daily", (5, 13), "bad-schedule", "every day at 20:30", ""),
    ("as: case", "as: case\n  schedule: every munday at 7:00", (5, 19), "bad-schedule", "Did you mean", "schedule: every monday at 7:00"),
    ("as: case", "as: case\n  schedule: every day at 25:00", (5, 26), "bad-schedule", "`8:30 pm`", ""),
    ("as: case", "as: case\n  schedule: every 5 minutes\n  jitter: 5 minutes", (5, 13), "bad-jitter", "shorter", ""),
    ("as: case", "as: case\n  timezone: Amerika/New_York", (5, 13), "unknown-time-zone", "'America/New_York'", "timezone: America/New_York"),
    ("not case.client", "not cas.client", (6, 13), "unknown-name", "Known here: case.", "- if: not case.client"),
    ("not case.client", "case.client", (6, 9), "not-a-condition", "`case.client is not blank`", ""),
    ("not case.client", "case.title", (6, 9), "not-a-condition", "`case.title == '…'`", ""),
    ("not case.client", "case.id = 5", (6, 17), "template-syntax", "`==`", "- if: case.id == 5"),
    ("not case.client", "case.id ==", (6, 19), "template-syntax", "ends too early", ""),
    ("not case.client", '"{{ case.id }} == 5"', (6, 10), "template-syntax", "without {{ }}", '- if: "case.id == 5"'),
    ("not case.client", "person.id == 5", (6, 9), "too-early", "no result yet", ""),
    ("It has no client.", "It is {{ case.stat }}.", (7, 27), "unknown-field", "'status'", "reason: It is {{ case.status }}."),
    ("if_none: skip", 'if_none: {reject: "No {{ persn.id }}."}', (12, 30), "unknown-name", "Known here: case.", ""),
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
