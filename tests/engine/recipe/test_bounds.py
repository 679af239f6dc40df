"""No record makes a template run on: each ends within its bound, in a value or one clear error."""

import time

import pytest

from engine.errors import TemplateError
from engine.recipe.filters import FILTERS, TESTS, filters_for
from engine.recipe.templates.compiled import by_jinja
from engine.recipe.templates.environment import build_environment
from engine.recipe.templates.template import compile_expression, compile_template

ENVIRONMENT = build_environment(filters_for({"areas": {"a": "b"}}), TESTS)

#: Seconds: far more than any takes, far less than one that has no bound.
BOUND = 1.5


def timely(expression, scope):
    """Return an expression's value, or the error it ends in; never late."""
    started = time.perf_counter()
    try:
        found = expression.value(scope)
    except TemplateError as error:
        found = error
    assert time.perf_counter() - started < BOUND
    return found


TEN = {"one": 1}
for _ in range(40):
    TEN = [TEN] * 10  # 10 ** 40 values in 400 places

SCOPE = {
    "big": "x" * 1_000_000,
    "huge": "x" * 9_000_000,
    "n": 10**9,
    "googol": 10**100,
    "digits": 10**5_000,
    "ten": TEN,
    "many": [1] * 90_000,
    "deep": None,
}
for _ in range(900):
    SCOPE["deep"] = {"a": SCOPE["deep"]}


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("'x' * n", "too much text"),
        ("n * 'x'", "too much text"),
        ("big * 2", "too much text"),
        ("many * n", "lists can't be multiplied"),
        ("2 ** n", "power is too large"),
        ("n ** 2.5", "power is too large"),
        ("(0 - 8) ** (n / 3000000000)", "no such root"),
        ("googol * googol * googol * googol", "number is too large"),
        ("googol * 1.5 ** 100 * googol * googol", "number is too large"),
        ("n / 0", "division by zero"),
        ("digits // 7", "number is too large"),
        ("digits / 7.5", "number is too large"),
        ("huge ~ huge", "10,000,000 characters"),
        ("huge + huge", "too much"),
        ("many + many", "too much"),
        ("big | replace('x', big)", "too much text"),
        ("many | join(big)", "too much text"),
        ("ten | json", "too much at once"),
        ("ten | hash", "too much at once"),
        ("ten | unique", "too much at once"),
        ("[ten, ten]", "too many values"),
        ("{'a': {'b': ten}}", "too many values"),
        ("ten + ten", "too many values"),
        ("[ten] if n else n", "too many values"),
        ("deep | json", "too much at once"),
        ("ten | sum", "can't add"),
        ("ten ~ ''", "a list can't be put into text"),
        ("digits ~ ''", "digits"),
        ("digits | lower", "too many digits"),
        ("[digits] | sum", "too many digits"),
        ("digits | int", "not a whole number"),
        ("n % 'x'", "can't be used with a number and text"),
        ("'%s' % n", "can't be formatted"),
        ("big.format(n) ~ ''", "is empty"),
        ("n.__class__ ~ ''", "n.__class__ is empty"),
        ("n()", "can't be worked out"),
    ],
)
@pytest.mark.parametrize("way", ["compiled", "by Jinja"])
def test_what_would_grow_or_take_long_is_one_clear_error(expression, words, way) -> None:
    compiled = compile_expression(ENVIRONMENT, expression, "f")
    if way == "by Jinja":
        compiled.__dict__["_evaluate"] = by_jinja(ENVIRONMENT, compiled._node)
    error = timely(compiled, SCOPE)
    assert isinstance(error, TemplateError)
    assert words in error.message
    assert len(error.message) < 300


def test_a_template_of_many_long_texts_is_refused_before_it_is_made() -> None:
    template = compile_template(ENVIRONMENT, "{{ huge }} " * 500, "f")
    error = timely(template, SCOPE)
    assert isinstance(error, TemplateError)
    assert "characters" in error.message


def test_values_that_double_from_step_to_step_end_before_they_are_endless() -> None:
    """As steps of `set` would, each reading the one before twice."""
    double = compile_expression(ENVIRONMENT, "[x, x]", "f")
    scope = {"x": [1]}
    for _ in range(60):
        found = timely(double, scope)
        if isinstance(found, TemplateError):
            break
        scope = {"x": found}
    assert isinstance(found, TemplateError)
    assert "too many values" in found.message


def test_a_condition_that_is_a_large_record_is_told_in_few_words() -> None:
    condition = compile_expression(ENVIRONMENT, "ten", "if")
    with pytest.raises(TemplateError, match="is neither true nor false but") as caught:
        condition.holds(SCOPE)
    assert len(caught.value.message) < 200


# -- long texts through every filter -----------------------------------------------------------------

LONG = 100_000
ARGUMENTS = {
    "default": "default('a')",
    "replace": "replace('x', 'yy')",
    **{name: f"{name}(9)" for name in ("truncate", "left", "right")},
    **{name: f"{name}('@')" for name in ("before", "after")},
    "time_zone": "time_zone('UTC')",
    "translate": "translate('areas')",
    "money": "money('USD')",
    "map": "map('a')",
    "where": "where('a')",
}
HOSTILE = [
    "x", "1", " ", ",", "-", "<", "&", "@", "\ufdfa", "a ", "mr ", "jr ", "van ", "jan ", "1.", "1e", "a@", "a.", "b.",
    ",000", "10:", "0142 ", "$ ", "<a", "</", "<!--", "<!-- >", "<?", "<![", "&#1", "<a b='", "<a b=\"> ", "<script>",
]  # fmt: skip
TEXTS = [part * (LONG // len(part)) for part in HOSTILE]
TEXTS += [f"{start}{part * (LONG // len(part))}{end}" for start, part, end in [
    ("", "<", ">"), ("", "</", ">"), ("", "< ", ">"), ("2024-03-04 ", "1", ""), ("2024-03-04T", "10:", ""),
    ("4 March 2024 ", "x ", ""), ("jan 2024", "1", ""), ("a ", "jr ", ""), ("a ", "van ", ""), ("1,000", ",000", ""),
    ("a@", "b.", ""), ("", "a.", "@x.example"), ("+1 212 555 ", "0142 ", ""),
]]  # fmt: skip


@pytest.mark.parametrize("name", FILTERS)
def test_no_filter_takes_long_over_a_long_text(name) -> None:
    expression = compile_expression(ENVIRONMENT, f"text | {ARGUMENTS.get(name, name)}", "f")
    for text in TEXTS:
        found = timely(expression, {"text": text})
        if isinstance(found, TemplateError):
            assert len(found.message) < 300
