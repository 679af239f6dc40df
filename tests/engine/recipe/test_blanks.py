"""``blank:`` field by field: what is read, and what can't be meant."""

from pathlib import Path

import jsonschema
import pytest

import plugins.csv
from engine.host import build_host
from engine.recipe.load import read_recipe
from engine.recipe.schema.schema import recipe_schema
from tests.engine.recipe.check.recipes import BASE, findings


def recipe(blank: str) -> str:
    return BASE.replace("TITLE", "x").replace("    key: case.id\n", f"    blank: {blank}\n")


def read(blank: str):
    found, wrong = read_recipe(recipe(blank), Path("r.yaml"))
    step = found.steps[1]
    words = {".".join(path): str(word) for path, word in step.blanks.values.items()}
    return step.blank, words, [finding.code for finding in wrong]


@pytest.mark.parametrize(
    ("written", "blank", "blanks"),
    [
        ("clear", "clear", {}),
        ("{otherwise: reject}", "reject", {}),
        ("{contact.phone: clear}", "leave alone", {"contact.phone": "clear"}),
        (
            "{contact: {phone: clear}, title: reject, otherwise: clear}",
            "clear",
            {"contact.phone": "clear", "title": "reject"},
        ),
    ],
)
def test_what_is_written_is_read(written, blank, blanks):
    assert read(written) == (blank, blanks, [])


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("wipe", "unknown-choice"),
        ("{title: wipe}", "unknown-choice"),
        ("{title: [clear]}", "wrong-kind"),
        ("{otherwise: }", "no-value"),
        ("{title: clear, title: reject}", "duplicate-key"),
        ("{contact: clear, contact.phone: reject}", None),
    ],
)
def test_what_can_not_be_read(written, code):
    assert read(written)[2] == ([code] if code else [])


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("{titel: reject}", "Nothing under `with:` is called 'titel', so it can't be empty."),
        ("{contact.phones: clear}", "Nothing under `with:` is called 'contact.phones', so it"),
        ("{title: clear}", "'title' is required: a record without it is always rejected."),
        ("{title: reject}", None),
        ("{contact: clear, contact.surname: reject}", None),
    ],
)
def test_each_name_must_be_a_field_that_may_be_empty(host, written, message):
    found = [
        f for f in findings(recipe(written), host) if f.code in ("unknown-field", "never-blank")
    ]
    assert len(found) == (0 if message is None else 1)
    if message:
        assert found[0].message.startswith(message)
        assert found[0].hint


def test_the_schema_knows_both_forms():
    schema = recipe_schema(build_host([plugins.csv], strict=True))
    blank = schema["definitions"]["step"]
    text = str(blank)
    assert "by field, with `otherwise` for the rest" in text
    for value in (
        "clear",
        {"client.phone": "clear", "otherwise": "reject"},
        {"client": {"x": "clear"}},
    ):
        jsonschema.validate(value, _blank_schema(blank))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate("wipe", _blank_schema(blank))


def _blank_schema(step):
    """Return the part of a step's schema that is ``blank``, wherever it stands in it."""
    if isinstance(step, dict):
        if "blank" in step.get("properties", {}):
            return step["properties"]["blank"]
        step = list(step.values())
    for part in step if isinstance(step, list) else ():
        if (found := _blank_schema(part)) is not None:
            return found
    return None
