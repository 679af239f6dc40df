"""Which files a recipe writes is said by the recipe, never by what somebody put into a record."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Bridgework = Callable[..., Result]

RECIPE = """\
name: People by place
trigger:
  use: csv.row_read
  with: {{file: people.csv, key: id, header: first line, delimiter: comma}}
  as: person
steps:
  - id: row
    use: csv.append_rows
    with:
      file: {file}
      columns.name: "{{{{ person.name }}}}"
"""


def run(bridgework: Bridgework, file: str, *places: str) -> dict[str, int]:
    Path("recipes").mkdir(exist_ok=True)
    Path("recipes/places.yaml").write_text(RECIPE.format(file=json.dumps(file)))
    rows = [f'{number},"{place}",Ada' for number, place in enumerate(places)]
    Path("recipes/people.csv").write_text("\n".join(["id,place,name", *rows, ""]))
    result = bridgework("run", "places", "--json")
    assert result.exit_code in (0, 1), result.stderr
    counts: dict[str, int] = json.loads(result.stdout)["counts"]
    return counts


def written(folder: Path) -> set[str]:
    found = folder.rglob("*.csv")
    return {str(file.relative_to(folder)) for file in found if file.name != "people.csv"}


def test_a_record_names_a_file_within_the_homes_files_only(
    bridgework: Bridgework, home: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    bad = [
        str(outside / "x"),
        "../x",
        "a/../../x",
        f"{home}/x",
        "~/x",
        "~nobody-there/x/../../../x",
    ]
    counts = run(
        bridgework, "{{ person.place }}.csv", "Boston", *bad, "a/../b", str(home / "files" / "c")
    )
    assert counts == {"created": 3, "rejected": len(bad)}
    assert written(home) == {"files/Boston.csv", "files/b.csv", "files/c.csv"}
    assert not outside.exists()


@pytest.mark.parametrize(
    "template", ["{folder}/of {{{{ person.place }}}}.csv", "{folder}/of a.csv"]
)
def test_the_recipe_itself_names_any_folder(
    bridgework: Bridgework, tmp_path: Path, template: str
) -> None:
    exports = tmp_path / "exports"
    assert run(bridgework, template.format(folder=exports), "a") == {"created": 1}
    assert written(exports) == {"of a.csv"}


def test_but_records_don_t_lead_out_of_that(bridgework: Bridgework, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    counts = run(bridgework, f"{exports}/{{{{ person.place }}}}.csv", "a", "../b", "/etc/c")
    assert counts == {"created": 2, "rejected": 1}  # /srv//etc/c is below /srv
    assert written(exports) == {"a.csv", "etc/c.csv"}
    assert not (tmp_path / "b.csv").exists()
