"""Every shipped recipe can be tried: its sample comes over, and nothing breaks inside Bridgework."""

import pytest

from engine.recipe.library import Library
from tests.engine.run.whatif.conftest import SHIPPED


@pytest.mark.parametrize("name", Library(SHIPPED).names())
def test_a_record_comes_over_no_variant_is_a_defect_and_no_day_becomes_another(look, name):
    path = SHIPPED / f"{name}.yaml"
    found = look(path.read_text("utf-8"), path).found
    cases = [case for line in found.lines for case in line.cases]
    assert found.base_outcome == "created"
    assert cases
    assert [case.reason for case in cases if case.mark == "crash"] == []
    assert [c.sentence for c in cases if c.column == "zone" and c.mark == "altered"] == []
    for case in cases:
        assert case.sentence.startswith("If ")
        assert case.sentence.endswith((".", "!", "?", "…"))
