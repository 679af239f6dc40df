"""An edit: what ends otherwise than before is told first."""

import pytest

from engine.recipe.load import parse_recipe
from engine.run.whatif.versions import whatif_since
from tests.engine.run.whatif.conftest import CLIO


@pytest.fixture(scope="module")
def edited(host):
    """Return a function that replaces words of the shipped recipe and tells what that changed."""
    text = CLIO.read_text("utf-8")
    earlier = parse_recipe(text, CLIO)

    def edited(*replacements):
        new = text
        for old, word in replacements:
            assert old in new
            new = new.replace(old, word)
        return whatif_since(parse_recipe(new, CLIO), earlier, host)[1]

    return edited


def test_the_same_text_changes_nothing(edited):
    assert edited() == ()


def test_a_case_that_ends_worse_is_told_with_how_it_ended_before(edited):
    (change,) = [
        c
        for c in edited(("blank: leave alone", "blank: reject"))
        if c.field == "matter.client.email"
    ]
    assert change.worse
    assert change.sentence == (
        "If a matter's client has no e-mail, the matter is rejected: client.email is empty. "
        "Before: the matter comes over without client.email."
    )
    assert change.variants == ("null", "missing", "empty", "spaces")


def test_a_line_gone_from_a_table_is_a_value_that_no_longer_comes_over(edited):
    (change,) = edited(("    Demand: Demand sent\n", ""))
    assert change.sentence == (
        "If a matter has the stage 'Demand', the matter is rejected: 'Demand' is not in the table "
        "'stages'. Before: the matter comes over."
    )


def test_what_an_edit_mends_is_told_after_what_it_breaks(edited):
    changes = edited(
        ("translate('stages')", "translate('stages', 'Getting started')"),
        ("blank: leave alone", "blank: reject"),
    )
    assert [c.worse for c in changes] == sorted((c.worse for c in changes), reverse=True)
    (mended,) = [c for c in changes if c.field == "matter.stage" and "unmapped" in c.variants]
    assert not mended.worse


def test_another_name_for_the_record_changes_nothing(edited):
    assert edited(("as: matter", "as: file"), ("matter.", "file.")) == ()


def test_an_earlier_text_that_can_not_be_tried_is_no_obstacle(host):
    recipe = parse_recipe(CLIO.read_text("utf-8"), CLIO)
    broken = parse_recipe(CLIO.read_text("utf-8").replace("matter.stage", "matter.stagee"), CLIO)
    found, changes = whatif_since(recipe, broken, host)
    assert found.problems
    assert changes is None
