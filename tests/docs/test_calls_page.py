"""The recipes of docs/calls.md are ones that ``check`` accepts."""

import re
from pathlib import Path

import plugins.csv
import plugins.mailchimp
from engine.host import build_host
from engine.recipe.checking.check import check_file

PAGE = Path(__file__).parents[2] / "docs" / "calls.md"


def test_recipes_of_the_page_have_no_findings(tmp_path: Path) -> None:
    called, caller = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "welcome.yaml").write_text(called, "utf-8")
    (tmp_path / "caller.yaml").write_text(caller, "utf-8")
    host = build_host([plugins.csv, plugins.mailchimp], strict=True)
    for name in ("welcome", "caller"):
        found = check_file(tmp_path / f"{name}.yaml", host)
        assert "\n".join(one.as_text() for one in found) == ""
