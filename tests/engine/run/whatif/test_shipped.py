"""Every shipped recipe can be tried: its sample comes over, and nothing breaks inside Bridgework."""

import pytest

from tests.engine.run.whatif.conftest import SHIPPED


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_sample_comes_over_and_no_variant_is_a_defect(look, path):
    found = look(path.read_text("utf-8"), path).found
    assert found.base_outcome == "created"
    assert found.lines
    assert [c.reason for line in found.lines for c in line.cases if c.mark == "crash"] == []


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_case_is_a_sentence_that_ends(look, path):
    for line in look(path.read_text("utf-8"), path).found.lines:
        for case in line.cases:
            assert case.sentence.startswith("If ")
            assert case.sentence.endswith((".", "!", "?", "…"))
