"""Templates: a lone expression keeps its type, mixed ones are text, failures name field and cause."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2.exceptions import TemplateSyntaxError

from engine.errors import TemplateError
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.load import parse_recipe
from engine.recipe.templates.environment import build_environment
from engine.recipe.templates.template import (
    compile_expression,
    compile_fields,
    compile_template,
)

ENVIRONMENT = build_environment(filters_for({"stages": {"Intake": "Start"}}), TESTS)
MATTER = {
    "id": 7,
    "number": "00042",
    "client": None,
    "stage": "Intake",
    "flag": False,
    "tags": ["a", "b"],
    "person": {"email": "ADA@mill.example", "phone": "12"},
}


def render(template: str, **scope):
    return compile_template(ENVIRONMENT, template, "f").value({"matter": MATTER, **scope})


def failure(template: str, field: str = "client.phone") -> TemplateError:
    with pytest.raises(TemplateError) as caught:
        compile_template(ENVIRONMENT, template, field).value({"matter": MATTER})
    return caught.value


# -- values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ matter.id }}", 7),
        ("{{ matter.number }}", "00042"),
        ("{{ matter.flag }}", False),
        ("{{ matter.tags }}", ["a", "b"]),
        ("{{ matter.person }}", MATTER["person"]),
        ("{{ matter.client }}", None),
        ("  {{ matter.id }}\n", 7),
        ("{{ matter.id }}{{ matter.id }}", "77"),
        ("No. {{ matter.number }}", "No. 00042"),
        ("{{ matter.flag }}.", "false."),
        ("{{ matter.stage | translate('stages') }}", "Start"),
        ("{{ matter.person.email | lower }}", "ada@mill.example"),
        ("{{ matter.id + 1 }}", 8),
        ("{{ 'a' if matter.flag else 'b' }}", "b"),
        ("{{ matter.client or 'nobody' }}", "nobody"),
        ("plain {curly} text", "plain {curly} text"),
        ("", ""),
        ("1_000", "1_000"),
        ("{# a remark #}{{ matter.id }}", 7),
    ],
)
def test_what_a_template_gives(template, expected) -> None:
    result = render(template)
    assert (result, type(result)) == (expected, type(expected))


@given(st.text().filter(lambda text: not any(mark in text for mark in ("{{", "{%", "{#", "\r"))))
def test_text_without_braces_is_itself(text) -> None:
    """But for one line break at its end, which Jinja drops."""
    assert render(text) == text.removesuffix("\n")


@given(st.text() | st.integers() | st.booleans() | st.none() | st.lists(st.integers()))
def test_a_lone_expression_is_the_value_itself(value) -> None:
    assert render("{{ it }}", it=value) == value


@given(st.text(), st.text())
def test_texts_are_joined_and_never_read_as_templates(one, other) -> None:
    assert render("{{ a }}-{{ b }}", a=one, b=other) == f"{one}-{other}"


# -- expressions -----------------------------------------------------------------------------------


def test_a_bare_expression_may_stand_in_braces() -> None:
    for source in ("matter.id == 7", "{{ matter.id == 7 }}", " {{matter.id==7}} "):
        assert compile_expression(ENVIRONMENT, source, "if").holds({"matter": MATTER})


@pytest.mark.parametrize("source", ["matter.id matter.id", "matter.", "1 +", "if x", "(", ""])
def test_what_is_no_expression_does_not_compile(source) -> None:
    with pytest.raises(TemplateSyntaxError):
        compile_expression(ENVIRONMENT, source, "if")


@pytest.mark.parametrize(
    "source", ["{% if x %}a{% endif %}", "{% set x = 1 %}", "{{ a", "{{ a b }}"]
)
def test_statements_and_broken_templates_do_not_compile(source) -> None:
    with pytest.raises(TemplateSyntaxError):
        compile_template(ENVIRONMENT, source, "f")


@pytest.mark.parametrize("source", ["matter.stage", "'False'", "matter.id", "matter.tags"])
def test_a_condition_that_is_neither_true_nor_false_is_an_error(source) -> None:
    with pytest.raises(TemplateError, match="is neither true nor false") as caught:
        compile_expression(ENVIRONMENT, source, "if").holds({"matter": MATTER})
    assert caught.value.code == "not_a_condition"


def test_a_value_as_text() -> None:
    def text(source: str) -> str:
        return compile_expression(ENVIRONMENT, source, "key").text({"matter": MATTER})

    assert text("matter.id") == "7"
    assert text("matter.client") == text("matter.missing") == ""


# -- failures --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("Dear {{ matter.client.name }}", "matter.client is empty."),
        ("{{ matter.missing.deeper }}!", "matter.missing is empty."),
        ("{{ matter.client.name.first }}!", "matter.client is empty."),
        ("{{ matter.tags }}!", None),
        ("{{ matter.id + 'x' }}", None),
        ("{{ matter.id / 0 }}", None),
        ("{{ 'x' * 9999999 }}", None),
        ("{{ matter.person.phone | phone('US') }}", None),
        ("{{ matter.number | translate('stages') }}", None),
    ],
)
def test_a_failure_names_the_field_and_what_is_wrong(template, message) -> None:
    error = failure(template)
    assert error.field == "client.phone"
    assert error.code
    assert error.message.endswith((".", "…"))
    assert "Traceback" not in error.message
    if message is not None:
        assert error.message == message


def test_of_many_fields_the_one_that_fails_is_named() -> None:
    text = (
        "name: n\ntrigger: {use: a.b, as: matter}\nsteps:\n  - use: c.d\n    with:\n"
        '      good: "{{ matter.id }}"\n      client.phone: "{{ matter.client.phone }} x"\n'
        '      other: "{{ matter.number }}"\n'
    )
    fields = compile_fields(ENVIRONMENT, parse_recipe(text, Path("n.yaml")).steps[0].fields)
    assert fields.paths == (("good",), ("client", "phone"), ("other",))
    with pytest.raises(TemplateError) as caught:
        fields.values({"matter": MATTER})
    assert (caught.value.field, caught.value.message) == ("client.phone", "matter.client is empty.")
    whole = {**MATTER, "client": {"phone": "1"}}
    assert fields.values({"matter": whole}) == [7, "1 x", "00042"]
    # One record's values never show in the next one's.
    with pytest.raises(TemplateError):
        fields.values({"matter": MATTER})
