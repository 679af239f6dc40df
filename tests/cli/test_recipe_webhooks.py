"""A recipe told by webhook on the command line: switched, shown, and its address kept secret."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from engine.store.hooks import list_hooks

TOLD = """\
name: Matters are told of at once
trigger:
  use: clio.matter_changed
  connection: clio
  as: matter
  schedule: instant
steps:
  - id: row
    use: csv.append_rows
    with: {file: out.csv, columns.number: "{{ matter.display_number }}"}
"""


@pytest.fixture
def told(bridgework: Callable[..., Result], store: Store) -> Callable[..., Result]:
    Path("recipes").mkdir()
    Path("recipes", "told.yaml").write_text(TOLD)
    save_connection(store, Connection(name="clio", connector="clio", settings={"region": "us"}))
    return bridgework


def test_switching_on_says_what_the_webhook_lacks_and_show_repeats_it(
    told: Callable[..., Result], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRIDGEWORK_PUBLIC_URL", raising=False)
    on = told("recipes", "enable", "told")
    assert on.exit_code == 0
    assert "Its webhook isn't ready yet" in on.stderr
    assert "BRIDGEWORK_PUBLIC_URL" in on.stderr
    shown = told("recipes", "show", "told").stdout
    assert "Webhook: not ready yet. Nobody has said yet" in shown
    webhook = json.loads(told("recipes", "show", "told", "--json").stdout)["webhook"]
    assert webhook["state"] == "pending"
    (hook,) = list_hooks(store)
    assert hook.token not in shown + on.stdout + on.stderr


def test_switching_off_closes_it(
    told: Callable[..., Result], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BRIDGEWORK_PUBLIC_URL", raising=False)
    told("recipes", "enable", "told")
    assert told("recipes", "disable", "told").exit_code == 0
    assert [hook.state for hook in list_hooks(store)] == ["removed"]
    assert "Webhook" not in told("recipes", "show", "told").stdout
