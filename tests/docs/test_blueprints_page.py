"""The blueprint and the recipe of docs/blueprints.md are ones that ``check`` accepts."""

import re
from pathlib import Path
from shutil import copytree

import plugins.csv
import plugins.mailchimp
from engine.host import build_host
from engine.recipe.checking.check import check_file
from engine.recipe.gallery import shipped_recipes

PAGE = Path(__file__).parents[2] / "docs" / "blueprints.md"


def test_recipes_of_the_page_have_no_findings(tmp_path: Path) -> None:
    made, blueprint = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    copytree(shipped_recipes() / "blueprints", tmp_path / "blueprints")
    (tmp_path / "club.yaml").write_text(made, "utf-8")
    (tmp_path / "blueprints" / "contacts.yaml").write_text(blueprint, "utf-8")
    host = build_host([plugins.csv, plugins.mailchimp], strict=True)
    for name in ("club.yaml", "blueprints/contacts.yaml"):
        found = check_file(tmp_path / name, host)
        assert "\n".join(one.as_text() for one in found) == ""
