"""`on_error:` of a step: what it takes, what it means, and what is wrong with the rest."""

from pathlib import Path

import jsonschema
import pytest

from engine.host import build_host
from engine.recipe.load import read_recipe
from engine.recipe.schema.schema import recipe_schema
from engine.recipe.steps import OnError
from plugins import casestatus, csv

RECIPE = """\
name: A
trigger: {use: csv.row_read, with: {file: a.csv}}
steps:
  - use: casestatus.send_message
    with: {case: "1", text: hello}
    on_error: ON_ERROR
"""


def read(written: str):
    recipe, findings = read_recipe(RECIPE.replace("ON_ERROR", written), Path("a.yaml"))
    assert recipe is not None
    return recipe.uses[0].on_error, [(f.position.line, f.position.column, f.code) for f in findings]


MEANT = [
    ("{rate_limited: wait}", OnError(rate_limited="wait")),
    ("{rate_limited: fail, rejected: stop}", OnError("fail", "stop")),
    ("{rejected: report}", OnError()),
    ("{otherwise: retry 3 times then hold}", OnError(retries=3, then="hold")),
    ("{otherwise: retry 1 time then skip}", OnError(retries=1, then="skip")),
    ("{otherwise: retry 0 times then fail}", OnError(retries=0)),
    ("{otherwise: hold}", OnError(then="hold")),
    ("{rate_limited: wait, rejected: report, otherwise: retry 3 times then hold}",
     OnError("wait", "report", 3, "hold")),
    ("{no_answer: retry 5 times then hold, bad_answer: skip, not_found: stop}",
     OnError(retries=5, no_answer="hold", bad_answer="skip", not_found="stop")),
    ("{no_answer: retry 5 times then hold, otherwise: retry 2 times then skip}",
     OnError(retries=5, then="skip", no_answer="hold")),
    ("{no_answer: hold, otherwise: retry 2 times then skip}",
     OnError(retries=2, then="skip", no_answer="hold")),
]  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), MEANT)
def test_what_may_be_written(written, meant):
    assert read(written) == (meant, [])


@pytest.mark.parametrize(("written", "meant"), MEANT)
def test_editors_take_it_too(written, meant):
    import yaml

    schema = recipe_schema(build_host([casestatus, csv], strict=True))
    jsonschema.validate(yaml.safe_load(RECIPE.replace("ON_ERROR", written)), schema)
    wrong = yaml.safe_load(RECIPE.replace("ON_ERROR", "{otherwise: retry for ever}"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, schema)


def test_left_out_means_the_usual():
    recipe, findings = read_recipe(RECIPE.replace("    on_error: ON_ERROR\n", ""), Path("a.yaml"))
    assert recipe is not None
    assert (recipe.uses[0].on_error, findings) == (OnError(), [])


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("{rate_limited: weit}", (6, 30, "unknown-choice")),
        ("{rejected: ignore}", (6, 26, "unknown-choice")),
        ("{otherwise: retry thrice then hold}", (6, 27, "bad-otherwise")),
        ("{otherwise: retry 11 times then hold}", (6, 27, "bad-otherwise")),
        ("{otherwise: retry 3 times}", (6, 27, "bad-otherwise")),
        ("{otherwise: ignore}", (6, 27, "bad-otherwise")),
        ("{no_answer: wait}", (6, 27, "bad-otherwise")),
        ("{bad_answer: retry 2 times then hold}", (6, 28, "unknown-choice")),
        ("{not_found: hold}", (6, 27, "unknown-choice")),
        ("{after: wait}", (6, 16, "unknown-key")),
        ("stop", (6, 15, "wrong-kind")),
    ],
)
def test_what_is_wrong_is_found_with_its_place(written, found):
    assert read(written)[1] == [found]


@pytest.mark.parametrize(
    ("written", "corrected", "hint"),
    [
        ("skip", "    on_error: {otherwise: skip}", ""),
        ("stop", "    on_error: {rejected: stop}", ""),
        ("wait", "    on_error: {rate_limited: wait}", ""),
        ("ignore", "", "Write e.g. `on_error: {otherwise: retry 3 times then hold}`."),
        (
            "{otherwise: retry 3 then fail}",
            "",
            "Write `retry 3 times then fail`, or only `hold`, `fail` or `skip`.",
        ),
        (
            "{otherwise: retry 20 times then skip}",
            "",
            "Write at most `retry 10 times then skip`: the tenth begins after some four minutes.",
        ),
    ],
)
def test_the_remedy_is_what_was_most_likely_meant(written, corrected, hint):
    _, (finding,) = read_recipe(RECIPE.replace("ON_ERROR", written), Path("a.yaml"))
    assert (finding.corrected, finding.hint) == (corrected, hint)
