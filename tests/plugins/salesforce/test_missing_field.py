"""A field that the records of an account don't have never counts as empty."""

from pathlib import Path

import plugins.csv
import plugins.salesforce
from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess
from engine.host import build_host
from engine.loopback import on_loopback
from engine.recipe.load import load_recipe
from engine.run.runner import execute
from engine.run.start import request_run
from engine.store.database import Store
from engine.store.live import with_live_fields
from plugins.salesforce.practice import PracticeSalesforce

RECIPE = """\
name: Contacts in a table
trigger:
  use: salesforce.contact_changed
  as: contact
  first_run: all
steps:
  - id: row
    use: csv.upsert_rows
    with:
      file: contacts.csv
      key_column: id
      columns.id: "{{ contact.Id }}"
      columns.region: "{{ contact.Region__c | default('none') }}"
"""


def test_what_reads_a_field_that_salesforce_does_not_give_is_paused(
    store: Store, tmp_path: Path
) -> None:
    host = with_live_fields(build_host([plugins.salesforce, plugins.csv], strict=True), store)
    server = PracticeSalesforce(seed=1)
    path = tmp_path / "contacts.yaml"
    path.write_text(RECIPE, "utf-8")
    with on_loopback(server, threads=2) as url:
        known = PracticeProcess("salesforce", url, 0, server.credentials())
        connect(store, host.connector("salesforce"), "salesforce", {}, practice=known)
        run = execute(store, host, request_run(store, host, load_recipe(path)))
    assert run.counts.keys() == {"created"}
    assert run.hint.startswith(
        "Salesforce's answer has no field 'Region__c', which the step 'row' reads for "
        "'columns.region': that field is paused"
    )
    assert "none" not in (store.home / "files" / "contacts.csv").read_text("utf-8-sig")
