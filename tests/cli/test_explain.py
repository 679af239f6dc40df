"""``explain`` on the command line."""

import json
from pathlib import Path

SHIPPED = Path(__file__).parents[2] / "recipes" / "clio-matters-to-case-status.yaml"


def test_it_tells_a_recipe(bridgework) -> None:
    result = bridgework("explain", str(SHIPPED))
    assert result.exit_code == 0
    assert "Leave the matter out if the matter has no client." in result.stdout
    document = json.loads(bridgework("explain", str(SHIPPED), "--json").stdout)
    assert [part["kind"] for part in document["parts"]][:2] == ["trigger", "skip rule"]


def test_it_draws_a_recipe(bridgework, tmp_path: Path) -> None:
    picture = tmp_path / "recipe.svg"
    assert bridgework("explain", str(SHIPPED), "--svg", str(picture)).exit_code == 0
    assert picture.read_text("utf-8").startswith("<svg")
    assert bridgework("explain", str(SHIPPED), "--svg", "-").stdout.startswith("<svg")
