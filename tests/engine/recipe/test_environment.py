"""The sandbox: records are plain values, nothing is explicit, and no template gets out or grows huge."""

import pytest

from engine.errors import TemplateError
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.templates.environment import Blank, as_text, build_environment
from engine.recipe.templates.template import compile_expression, compile_template

ENVIRONMENT = build_environment(filters_for({}), TESTS)
SCOPE = {
    "invoice": {
        "items": [{"name": "Hours"}, {"name": "Stamps"}],
        "keys": "a field",
        "copy": 3,
        "none": None,
        "text": "abc",
        "number": 7,
        "": "no name",
    }
}


def value(expression: str):
    return compile_expression(ENVIRONMENT, expression, "f").value(SCOPE)


# -- records are plain values ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("invoice.items[0].name", "Hours"),
        ("invoice['items'][1].name", "Stamps"),
        ("invoice.items[-1].name", "Stamps"),
        ("invoice.keys", "a field"),
        ("invoice.copy", 3),
        ("invoice.text[1:]", "bc"),
        ("invoice.items[:1]", [{"name": "Hours"}]),
    ],
)
def test_a_field_comes_before_any_method(expression, expected) -> None:
    assert value(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "invoice.values",
        "invoice.get",
        "invoice.missing",
        "invoice.missing.deeper.still",
        "invoice.none.field",
        "invoice.items.append",
        "invoice.items[9]",
        "invoice.items[9].name",
        "invoice.items.name",
        "unknown",
        "unknown.field",
    ],
)
def test_what_is_not_there_is_blank(expression) -> None:
    found = value(expression)
    assert isinstance(found, Blank)
    assert not found
    assert found == None  # noqa: E711 - equality with null is what recipes write


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("invoice.missing == none", True),
        ("invoice.none == none", True),
        ("invoice.none == invoice.missing", True),
        ("invoice.missing != 'x'", True),
        ("not invoice.missing", True),
        ("invoice.missing.deeper is blank", True),
        ("invoice.number == none", False),
        ("invoice.none == ''", False),
    ],
)
def test_conditions_see_nothing_as_nothing(condition, holds) -> None:
    assert compile_expression(ENVIRONMENT, condition, "if").holds(SCOPE) is holds


@pytest.mark.parametrize("template", ["{{ invoice.missing }}!", "{{ invoice.none.field }}!"])
def test_what_is_not_there_can_not_be_put_into_text(template) -> None:
    with pytest.raises(TemplateError, match="is empty"):
        compile_template(ENVIRONMENT, template, "f").value(SCOPE)


def test_null_in_text_prints_as_nothing() -> None:
    assert compile_template(ENVIRONMENT, "a{{ invoice.none }}b", "f").value(SCOPE) == "ab"


# -- nothing gets out, nothing gets huge -----------------------------------------------------------


@pytest.mark.parametrize(
    "expression",
    [
        "''.__class__.__mro__",
        "invoice.text.__class__",
        "invoice['__class__']['__mro__']",
        "invoice.text.__init__.__globals__",
        "(1).__class__",
        "range(10)",
        "dict()",
        "cycler()",
        "namespace()",
        "lipsum()",
        "self.__init__",
        "loop",
        "invoice.text.format(1)",
        "'%s' % invoice.text",
        "'%9999999d' % 1",
        "'{:>99999999}'.format(1)",
        "invoice.text.center(99999999)",
        "invoice.text.zfill(99999999)",
        "'x' * 999999999",
        "999999999 * 'x'",
        "[1] * 999999999",
        "9 ** 9 ** 9",
        "2 ** 999999999",
        "invoice.text | attr('__class__')",
        "invoice.items.append(1)",
        "invoice.items.clear()",
        "invoice.text.encode()",
        "invoice.text.upper()",
        "invoice.text.replace('a', 'b')",
        "('x' * 90000) | replace('x', 'y' * 90000)",
        "('x' * 90000).join('x' * 90000)",
        "([1] * 90000) | join('y' * 90000)",
    ],
)
def test_no_way_out_of_the_sandbox_and_no_way_to_fill_the_memory(expression) -> None:
    """Each is an error or nothing at all; none gives an object of Python's or a huge value."""
    before = repr(SCOPE)
    try:
        found = value(expression)
    except Exception as error:  # Jinja's own for what can't even be compiled
        found = error
    assert isinstance(found, Blank | Exception)
    assert repr(SCOPE) == before


@pytest.mark.parametrize(
    "name", ["attr", "xmlattr", "pprint", "map_attribute", "groupby", "format"]
)
def test_only_the_listed_filters_exist(name) -> None:
    assert name not in ENVIRONMENT.filters
    assert ENVIRONMENT.globals == {}


# -- text ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "text"),
    [("00042", "00042"), (None, ""), (True, "true"), (False, "false"), (0, "0"), (1.5, "1.5")],
)
def test_values_print_as_people_write_them(given, text) -> None:
    assert as_text(given) == text


@pytest.mark.parametrize(("given", "kind"), [([1], "a list"), ({"a": 1}, "a record")])
def test_lists_and_records_have_no_text_of_their_own(given, kind) -> None:
    with pytest.raises(ValueError, match=f"{kind} can't be put into text"):
        as_text(given)
