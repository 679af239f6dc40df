"""A custom field that the firm deletes: no matter has it any more, and none counts as empty."""

import csv
from pathlib import Path

import plugins.clio
import plugins.csv
from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess
from engine.host import build_host
from engine.loopback import on_loopback
from engine.recipe.load import load_recipe
from engine.run.runner import execute
from engine.run.start import request_run
from engine.store.database import Store
from engine.store.live import with_live_fields
from engine.store.runs import Run, RunRequest
from plugins.clio.practice import PracticeClio

RECIPE = """\
name: Matters in a table
trigger:
  use: clio.matter_changed
  as: matter
  first_run: all
steps:
  - id: row
    use: csv.upsert_rows
    with:
      file: matters.csv
      key_column: number
      columns.number: "{{ matter.id }}"
      columns.source: "{{ matter.custom_fields['Referral source'] | default('none') }}"
"""


def test_what_reads_a_custom_field_that_is_deleted_is_paused_and_heals(
    store: Store, tmp_path: Path
) -> None:
    host = with_live_fields(build_host([plugins.clio, plugins.csv], strict=True), store)
    server = PracticeClio(1, requests_per_minute=1_000_000)
    server.edit_while_read = None
    path = tmp_path / "matters.yaml"
    path.write_text(RECIPE, "utf-8")
    out = store.home / "files" / "matters.csv"

    def run() -> Run:
        recipe, request = load_recipe(path), RunRequest(full=True)
        return execute(store, host, request_run(store, host, recipe, request=request))

    def sources() -> list[str]:
        with out.open(encoding="utf-8-sig") as file:
            return [row["source"] for row in csv.DictReader(file)]

    with on_loopback(server, threads=2) as url:
        known = PracticeProcess("clio", url, 0, server.credentials())
        connect(store, host.connector("clio"), "clio", {}, practice=known)
        first = run()
        before = sources()
        assert first.counts.keys() == {"created"}
        assert len(set(before)) > 1

        fields = server.store.tables["custom_fields"].values()
        [field] = [one for one in fields if one["name"] == "Referral source"]
        field["deleted"] = True
        paused = run()
        assert sources() == before
        assert paused.hint.startswith(
            "Clio shows this connection no custom field 'Referral source', which the step 'row' reads "
            "for 'columns.source': that field is paused"
        )

        field["deleted"] = False
        assert "no custom field" not in run().hint
