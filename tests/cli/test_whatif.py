"""``bridgework whatif``: problems first, then the grid; no connection is needed and none is used."""

import json
import shutil
from pathlib import Path

import pytest

SHIPPED = Path(__file__).parents[2] / "recipes"
NAME = "clio-matters-to-case-status"


@pytest.fixture
def recipes(home):
    Path("recipes").mkdir()
    shutil.copy(SHIPPED / f"{NAME}.yaml", "recipes")


def test_problems_stand_before_the_grid(bridgework, recipes):
    result = bridgework("whatif", NAME)
    assert result.exit_code == 0
    said = result.stdout
    assert "If a matter has two clients, only the first comes over." in said
    assert f"recipes/{NAME}.yaml:13" in said
    assert said.index("two clients") < said.index("matter.client.email")
    assert not Path(".bridgework").exists()


def test_all_shows_each_variant_on_its_line(bridgework, recipes):
    said = bridgework("whatif", NAME, "--all").stdout
    assert "+44 20 7946 0018" in said


def test_the_document_has_problems_and_grid(bridgework, recipes):
    found = json.loads(bridgework("whatif", NAME, "--json").stdout)
    assert found["recipe"] == NAME
    assert found["base"]["outcome"] == "created"
    assert found["problems"][0]["level"] == "lost"
    grid = {line["field"]: line["variants"] for line in found["grid"]}
    stage = {v["variant"]: v["outcome"] for v in grid["matter.stage"]}
    assert stage["unmapped"] == "rejected"
    assert found["seconds"] < 5


def test_strict_fails_where_data_would_be_lost_silently(bridgework, recipes):
    assert bridgework("whatif", NAME, "--strict").exit_code == 1


def test_a_recipe_with_mistakes_is_corrected_first(bridgework, recipes):
    path = Path(f"recipes/{NAME}.yaml")
    path.write_text(path.read_text().replace("matter.stage", "matter.stagee"))
    result = bridgework("whatif", NAME)
    assert result.exit_code == 3
    assert "has mistakes" in result.stderr
    assert "matter.stage" in result.stderr


def test_what_an_edit_changed_is_told_first(bridgework, recipes):
    path = Path(f"recipes/{NAME}.yaml")
    bridgework("recipes", "versions", NAME)  # keeps the text as version 1
    path.write_text(path.read_text().replace("    Demand: Demand sent\n", ""))
    said = bridgework("whatif", NAME, "--since", "1").stdout
    assert said.startswith("Otherwise than in version 1 (1)")
    assert "• worse: If a matter has the stage 'Demand', the matter is rejected:" in said
    found = json.loads(bridgework("whatif", NAME, "--since", "1", "--json").stdout)
    assert [change["variants"] for change in found["changes"]] == [["mapped:Demand"]]


def test_a_version_that_is_not_there_is_named(bridgework, recipes):
    result = bridgework("whatif", NAME, "--since", "7")
    assert result.exit_code == 3
    assert "has no version 7" in result.stderr
