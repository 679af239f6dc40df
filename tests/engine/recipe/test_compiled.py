"""Compiled expressions: the same value, type and error as Jinja gives, for any expression and record."""

import math
from datetime import date, datetime
from decimal import Decimal
from threading import Thread

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.errors import TemplateError
from engine.recipe.filters import FILTERS, TESTS, filters_for
from engine.recipe.templates.compiled import by_jinja
from engine.recipe.templates.environment import build_environment
from engine.recipe.templates.template import Expression, compile_expression, compile_template

TABLES = {"stages": {"Intake": "Start", "open": "Open"}}
ENVIRONMENT = build_environment(filters_for(TABLES), TESTS)


class ByJinja(Expression):
    """The same expression, evaluated by Jinja."""

    @property
    def _evaluate(self):
        return by_jinja(self._environment, self._node)


# -- expressions -----------------------------------------------------------------------------------

names = st.sampled_from(["matter", "client", "tags", "n", "missing", "self_", "class"])
fields = st.sampled_from(
    ["name", "Name", "client", "email", "items", "keys", "n", "none", "_x", "real"]
)
TEXTS = ["'a'", "''", "' Ab '", "'2024-03-04'", "'03/04/2024'", "'212 555 0142'", "'Intake'"]
constants = st.sampled_from(
    [*TEXTS, "0", "1", "7", "2.5", "10", "true", "false", "none", "[]", "{}", "()", "'12.50'"]
)
WITHOUT_ARGUMENTS = sorted(
    set(FILTERS)
    - {"replace", "truncate", "left", "right", "before", "after", "time_zone"}
    - {"translate", "money", "map", "where"}
)
CALLS = [
    *WITHOUT_ARGUMENTS,
    "default('-')",
    "default(matter.name)",
    "replace('a', 'b')",
    "replace(n, matter.n)",
    "truncate(3)",
    "left(2)",
    "right(-1)",
    "before('@')",
    "after(' ')",
    "split(',')",
    "phone('GB')",
    "phone(country='US')",
    "translate('stages')",
    "translate('stages', default=n)",
    "translate('other')",
    "date('dd/MM/yyyy')",
    "date(format='%d', order='day first')",
    "datetime(zone='America/New_York')",
    "time_zone('Europe/Berlin')",
    "int(default=0)",
    "round(1)",
    "money('USD')",
    "cents(currency='JPY')",
    "first_of('Work', 'mobile')",
    "join(', ')",
    "sort('name')",
    "map('name')",
    "where('n', 1)",
    "sum('n')",
    "date(default='-')",
    "date('d/M', 'day first', n)",
    "email('-')",
    "phone('US', default=matter.name)",
    "int(0)",
    "translate('stages', '?')",
    "first_of('a', default='b')",
]
ASKED = ["blank", "none", "defined", "undefined", "text", "number", "list", "record", "true"]
ASKED += ["one_of('a', n)", "containing('a')", "starting_with('A')", "ending_with(matter.name)"]
BETWEEN = ["+", "-", "*", "/", "//", "%", "**", "~", "and", "or", "==", "!=", "<", ">=", "<="]
BETWEEN += [">", "in", "not in", "== 1 <"]


def larger(smaller: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return expressions made of smaller ones."""
    cuts = st.sampled_from(["0", "-1", "1:", ":2", "::-1", "n:"])
    made = st.builds
    return st.one_of(
        made("{}.{}".format, smaller, fields),
        made("{}['{}']".format, smaller, fields),
        made("{}[{}]".format, smaller, smaller | cuts),
        made("({} | {})".format, smaller, st.sampled_from(CALLS)),
        made("({} is {})".format, smaller, st.sampled_from(ASKED)),
        made("({} {} {})".format, smaller, st.sampled_from(BETWEEN), smaller),
        made("({} if {} else {})".format, smaller, smaller, smaller),
        made("({} if {})".format, smaller, smaller),
        made("({} {})".format, st.sampled_from(["not", "-", "+"]), smaller),
        made("[{}, {}]".format, smaller, smaller),
        made("({}, {})".format, smaller, smaller),
        made("{{'k': {}, {}: 1}}".format, smaller, smaller),
        made("{}({})".format, smaller, smaller),  # a call: left to Jinja
    )


expressions = st.recursive(names | constants | st.builds("{}.{}".format, names, fields), larger)

# -- records ---------------------------------------------------------------------------------------

texts = st.sampled_from(
    ["", " ", " Ab ", "a,b", "Intake", "2024-03-04", "dana@x.example", "12", "é"]
)
scalars = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(-3, 12),
    st.sampled_from([2.5, -0.0, 1e300, math.inf, 10**40, Decimal("2.50")]),
    st.sampled_from([date(2024, 3, 4), datetime(2024, 3, 4, 5, 6)]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(fields | st.just(""), inner, max_size=4)
    ),
    max_leaves=8,
)
scopes = st.dictionaries(names, values, max_size=5)


def told(expression: Expression, scope) -> tuple:
    """Return all that can be seen of a value, or of what it failed with."""
    try:
        value = expression.value(scope)
    except TemplateError as error:
        cause = type(error.__cause__)
        return cause, error.code, error.message, error.hint, error.field
    return seen(value)


def seen(value) -> tuple:
    if isinstance(value, list | tuple):
        return type(value), [seen(item) for item in value]
    if isinstance(value, dict):
        return type(value), [(seen(key), seen(item)) for key, item in value.items()]
    return type(value), repr(value)


def jinja_of(expression: Expression) -> Expression:
    return ByJinja(expression.field, expression.source, ENVIRONMENT, expression._node)


@settings(max_examples=200, deadline=None)
@given(expressions, scopes)
@example("matter.client.name | default('-')", {"matter": {"client": None}})
@example("matter.client.name ~ matter.client.email", {"matter": {"client": {"name": "Ab"}}})
@example("'a' ~ ''.name", {})
@example("{[]: 1}", {})
@example("('a' if false)", {})
def test_compiled_expressions_do_what_jinja_does(source: str, scope) -> None:
    ours = compile_expression(ENVIRONMENT, source, "f")
    assert told(ours, scope) == told(jinja_of(ours), scope)


@settings(max_examples=50, deadline=None)
@given(st.lists(expressions | st.sampled_from([" ", "Dear ", "{{", "é"]), max_size=3), scopes)
def test_compiled_templates_do_what_jinja_does(parts: list[str], scope) -> None:
    source = "".join(
        part
        if part in {" ", "Dear ", "é"}
        else "{{ 'x' }}"
        if part == "{{"
        else f"{{{{ {part} }}}}"
        for part in parts
    )
    ours = compile_template(ENVIRONMENT, source, "f")
    assert told(ours, scope) == told(jinja_of(ours), scope)


EVERY = [
    None,
    True,
    0,
    1,
    2,
    -3,
    2.5,
    10**40,
    "",
    " Ab ",
    "2024-03-04",
    [],
    ["a", 1],
    {"Name": "a"},
]


def pairs():
    """Yield scopes: two of the values each, and with one that isn't there."""
    yield {}
    for one in EVERY:
        yield {"x": one}
        yield from ({"x": one, "y": other} for other in EVERY)


@pytest.mark.parametrize(
    "source",
    [
        *(f"x {operator} y" for operator in BETWEEN),
        *(f"x is {test}" for test in ASKED),
        *(f"{before} x" for before in ("not", "-", "+")),
        "x < y <= x",
        "x[y]",
        "x[y:]",
        "[x, y]",
        "(x, y)",
        "{'a': x, y: x}",
        "x if x else y",
        "('a' if x)",
        "x.Name ~ y.Name",
        "x[0]",
        "x.0",
        "x['Name'].Name",
        "x.Name.name",
        "(x or y).Name",
    ],
)
def test_every_operator_does_what_jinja_does_with_every_kind_of_value(source) -> None:
    ours = compile_expression(ENVIRONMENT, source, "f")
    jinja = jinja_of(ours)
    assert [told(ours, scope) for scope in pairs()] == [told(jinja, scope) for scope in pairs()]


@pytest.mark.parametrize("call", CALLS)
def test_every_filter_does_what_jinja_does_with_every_kind_of_value(call) -> None:
    ours = compile_expression(ENVIRONMENT, f"x | {call}", "f")
    jinja = jinja_of(ours)
    for value in EVERY:
        assert told(ours, {"x": value}) == told(jinja, {"x": value})


# -- the rest --------------------------------------------------------------------------------------


def test_a_record_never_shares_a_list_with_the_next() -> None:
    expression = compile_expression(ENVIRONMENT, "[1, [2]]", "f")
    expression.value({}).append(3)
    assert expression.value({}) == [1, [2]]


def test_nothing_of_an_earlier_record_can_be_read() -> None:
    for source in ("bridgework_result", "v0", "t1", "values", "scope"):
        expression = compile_expression(ENVIRONMENT, f"[x, {source} is defined]", "f")
        assert [expression.value({"x": x}) for x in "ab"] == [["a", False], ["b", False]]


def test_a_compiled_expression_serves_many_threads_at_once() -> None:
    expression = compile_expression(ENVIRONMENT, "x.name ~ x.name ~ (x.name | lower)", "f")
    wrong = []

    def work(name: str) -> None:
        for _ in range(2000):
            if expression.value({"x": {"name": name}}) != name + name + name.lower():
                wrong.append(name)

    threads = [Thread(target=work, args=(name,)) for name in ("A", "BB", "CCC")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize(
    ("source", "text"), [("'a' ~ none ~ 1", "a1"), ("true ~ 'b'", "trueb"), ("1 ~ 2.5", "12.5")]
)
def test_a_tilde_makes_text_as_a_template_does(source, text) -> None:
    assert compile_expression(ENVIRONMENT, source, "f").value({}) == text


@pytest.mark.parametrize("source", ["'a' | default(function=1)", "'a' is one_of(function=1)"])
def test_an_argument_by_a_name_of_the_compilers_own_is_only_wrong(source) -> None:
    with pytest.raises(TemplateError, match="unexpected keyword"):
        compile_expression(ENVIRONMENT, source, "f").value({})
