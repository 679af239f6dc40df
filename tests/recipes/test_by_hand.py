"""Cases are opened by hand, then by Case Status: one word, and what was done by hand is unchanged."""

import csv
import json
from pathlib import Path

from click.testing import CliRunner, Result

from engine.cli.commands import cli
from tests.recipes.conftest import FOLDER, Bench

RECIPE = "clio-matters-to-case-status-by-hand"


def ask(bench: Bench, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--home", str(bench.home)])


def test_a_person_opens_the_cases_until_case_status_does(bench: Bench, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    recipe = own / f"{RECIPE}.yaml"
    text = (FOLDER / recipe.name).read_text("utf-8")
    recipe.write_text(text, "utf-8")
    bench.connect(text.replace("connection: person", "connection: casestatus"))

    def run() -> dict[str, int]:
        result = ask(bench, "run", str(recipe), "--json", "--limit", "12")
        counts: dict[str, int] = json.loads(result.stdout)["counts"]
        return counts

    waiting = run()["waiting"]
    assert waiting >= 3
    assert bench.servers["casestatus"].requests == []
    tasks = json.loads(ask(bench, "questions", "--json").stdout)
    assert len(tasks) == waiting
    assert tasks[0]["choices"] == ["done", "already there", "not possible"]

    # One is done with a command, the others in a table.
    first = tasks[0]
    recipes = ("--recipes", str(own))
    shown = ask(bench, "questions", "show", str(first["id"])).stdout
    assert "Open the case in Case Status" in shown
    assert "To be entered: --set id=…" in shown
    refused = ask(bench, "questions", "answer", str(first["id"]), "done", *recipes)
    assert "Enter the id of the case" in refused.output
    done = ask(bench, "questions", "answer", str(first["id"]), "done", "--set", "id=C-1", *recipes)
    assert done.exit_code == 0, done.output
    table = tmp_path / "tasks.csv"
    ask(bench, "questions", "export", RECIPE, str(table))
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
    assert len(rows) == waiting - 1
    rows[0]["id"] = "C-2"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    taken = ask(bench, "questions", "import", RECIPE, str(table))
    assert "1 done" in taken.output, taken.output

    assert run()["waiting"] == waiting - 2
    hand_made = {first["key"]: "C-1", rows_key(tasks, rows[0]): "C-2"}
    assert bench.servers["casestatus"].requests == []

    # One word.
    recipe.write_text(text.replace("connection: person", "connection: casestatus"), "utf-8")
    counts = run()
    assert "waiting" not in counts
    assert counts["unchanged"] == 2
    records = {record["key"]: record for record in bench.records()}
    assert all(records[key]["outcome"] == "unchanged" for key in hand_made)
    sent = [r["body"]["integration_id"] for r in bench.writes("casestatus") if r["body"]]
    assert sent
    assert not hand_made.keys() & set(sent)
    assert json.loads(ask(bench, "questions", "--json").stdout) == []


def rows_key(tasks: list[dict[str, str]], row: dict[str, str]) -> str:
    return next(task["key"] for task in tasks if str(task["id"]) == row["Task"])
