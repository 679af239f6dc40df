"""What would run away, or always fails, is found by the check, in no time."""
# ruff: noqa: UP031 - templates are full of braces

import json
import time

import pytest

from engine.host import Host
from tests.engine.recipe.check.recipes import BASE, findings

NO = "template-syntax"
FAILS = "always-fails"
WRONG = "wrong-type"

#: A template, the code of the one finding, and a part of its message or hint.
TABLE = {
    "range": ("{{ range(10**9) }}", "function-call", "no function 'range'"),
    "statement": ("{% for x in case %}{% endfor %}", NO, "Statements"),
    "long text": ("{{ 'x' * 10**9 }}", FAILS, "too much text"),
    "long text turned": ("{{ 999999999 * 'x' }}", WRONG, ""),
    "list": ("{{ ([1] * 9) | json }}", WRONG, ""),
    "power of power": ("{{ 10**10**9 }}", FAILS, "too large"),
    "power": ("{{ 2 ** 999999999 }}", FAILS, "power is too large"),
    "float power": ("{{ 2.5 ** 2.5 ** 9 ** 9 }}", FAILS, "power is too large"),
    "power below 0": ("{{ 0 ** -1 }}", FAILS, "cannot be raised"),
    "root": ("{{ (-8) ** 0.5 }}", FAILS, "no such root"),
    "no end": ("{{ 1e308 * 10 }}", FAILS, "number is too large"),
    "infinite": ("{{ 1e999 }}", NO, "number is too large"),
    "by nothing": ("{{ 7 // 0 }}", FAILS, "by zero"),
    "modulo": ("{{ 7 % 0 }}", FAILS, "by zero"),
    "formatting": ("{{ '%9999999d' % 1 }}", WRONG, ""),
    "kinds": ("{{ 'a' + 1 }}", WRONG, ""),
    "digits": ("{{ %s }}" % ("9" * 10_000), NO, "number is too large"),
    "digits in hex": ("{{ 0x%s }}" % ("f" * 10_000), NO, "number is too large"),
    "int of digits": ("{{ '%s' | int }}" % ("9" * 10_000), FAILS, "not a whole number"),
    "brackets": ("{{ %s1%s }}" % ("(" * 21, ")" * 21), NO, "nested too deeply"),
    "many brackets": ("{{ %s1%s }}" % ("(" * 5_000, ")" * 5_000), NO, "nested too deeply"),
    "open brackets": ("{{ %s }}" % ("[" * 5_000), NO, "nested too deeply"),
    "lists in lists": ("{{ %s%s }}" % ("[" * 500, "]" * 500), NO, "nested too deeply"),
    "records in records": ("{{ %s1%s }}" % ("{'a':" * 500, "}" * 500), NO, "nested too deeply"),
    "filters": ("{{ case.title%s }}" % (" | lower" * 5_000), NO, "nested too deeply"),
    "arguments": ("{{ 'a'%s%s }}" % (" | default('b'" * 500, ")" * 500), NO, "nested too deeply"),
    "fields": ("{{ case%s }}" % (".title" * 5_000), NO, "nested too deeply"),
    "places": ("{{ case%s }}" % ("[0]" * 5_000), NO, "nested too deeply"),
    "not": ("{{ %s case }}" % ("not " * 5_000), NO, "nested too deeply"),
    "minus": ("{{ %s1 }}" % ("-" * 5_000), NO, "nested too deeply"),
    "plus": ("{{ 1%s }}" % (" + 1" * 5_000), NO, "nested too deeply"),
    "powers": ("{{ 1%s }}" % (" ** 1" * 5_000), NO, "nested too deeply"),
    "or": ("{{ 1%s }}" % (" or 1" * 5_000), NO, "nested too deeply"),
    "if else": ("{{ 1%s }}" % (" if 1 else 1" * 5_000), NO, "nested too deeply"),
    "long": ("{{ 1%s }}" % (" ~ 1" * 5_000), NO, "too long"),
    "comparisons": ("{{ 1%s }}" % (" < 1" * 5_000), NO, "too long"),
    "twice": ("{{ 'a' | date(order='day first', order='day first') }}", NO, "given twice"),
    "growth": ("{{ '%s' | replace('x', '%s') }}" % ("x" * 200, "y" * 9_000), FAILS, "too much text"),
    "list as date": ("{{ ['a', 'b'] | date }}", WRONG, ""),
    "class": ("{{ 'a'.__class__ ~ 'b' }}", "unknown-field", "has no fields"),
    "attr": ("{{ case | attr('__class__') }}", "unknown-filter", "no filter 'attr'"),
    "date": ("{{ 'soon' | date }}", FAILS, "'soon' is not a date"),
    "key": ("{{ {[]: 1} | json }}", FAILS, "can't be worked out"),
    "no step": ("{{ 'abc'[::0] }}", FAILS, "can't be worked out"),
    "own rules": ("{{ case.title | joined_text }}", "unknown-filter", "joined_text"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_what_runs_away_or_always_fails_is_one_finding(host: Host, name) -> None:
    template, code, words = TABLE[name]
    text = BASE.replace("TITLE", json.dumps(template))
    started = time.thread_time()
    (found,) = findings(text, host)
    assert time.thread_time() - started < 2
    assert (found.code, found.position.line) == (code, 17)
    assert words in f"{found.message} {found.hint}"
    assert "Traceback" not in found.message


@pytest.mark.parametrize(
    "template",
    [
        "{{ %scase.title%s }}" % ("(" * 19, ")" * 19),
        "{{ case.title%s }}" % (" | lower" * 50),
        "{{ case.id == 1%s }}" % (" or case.id == 2" * 50),
        "{{ 2 ** 10 }} {{ 10 ** 20 }}",
        "%s" % ("{{ case.title }} " * 300),
    ],
    ids=["brackets", "filters", "or", "numbers", "long"],
)  # fmt: skip
def test_what_people_may_well_write_is_within_the_bounds(host: Host, template) -> None:
    assert findings(BASE.replace("TITLE", json.dumps(template)), host) == []


@pytest.mark.parametrize("condition", ["(" * 5000, "not " * 5000 + "case.urgent", "1e999 < 1"])
def test_conditions_have_the_same_bounds(host: Host, condition) -> None:
    text = BASE.replace("TITLE", "x").replace("not case.client", condition)
    (found,) = findings(text, host)
    assert (found.code, found.position.line) == (NO, 6)


def test_the_same_is_refused_however_deep_the_caller_is(host: Host) -> None:
    """A page is rendered within a hundred calls, a command within ten: both say the same."""

    def within(calls: int, template: str) -> list[str]:
        if calls:
            return within(calls - 1, template)
        return [f.code for f in findings(BASE.replace("TITLE", json.dumps(template)), host)]

    deepest = "{{ %scase.title%s%s }}" % ("(" * 19, ")" * 19, " | lower" * 50)
    assert within(0, deepest) == within(300, deepest) == []
