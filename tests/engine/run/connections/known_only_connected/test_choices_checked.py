"""A choice that the account doesn't have: said by `check` from what is kept, and asked anew by runs."""

from pathlib import Path
from typing import Any

import httpx2
import pytest

from engine.errors import RecipeError
from engine.host import Host
from engine.recipe.checking.check import check_text
from engine.recipe.library import Library
from engine.recipe.live import questions_of
from engine.recipe.load import load_recipe
from engine.run.connections.live_fields import refresh, refresh_connection
from engine.run.preview import preview
from engine.run.runner import execute
from engine.run.start import request_run
from engine.store.database import Store
from engine.store.runs import get_run
from plugins.mailchimp.practice.sample_data import CLIENTS
from plugins.mailchimp.practice.server import PracticeMailchimp

RECIPE = """\
name: Clients join the audience
trigger:
  use: csv.row_read
  with: {file: clients.csv, key: email}
  as: row
steps:
  - id: member
    use: mailchimp.upsert_members
    connection: news
    with:
      audience: AUDIENCE
      email: "{{ row.email }}"
"""


Lines = dict[str, httpx2.BaseTransport]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "clients.csv").write_text("email\nnew@mail.example\n")
    file = tmp_path / "clients.yaml"
    file.write_text(RECIPE.replace("AUDIENCE", "Nobody at all"))
    return file


def messages(audience: str, path: Path, host: Host) -> list[str]:
    found = check_text(RECIPE.replace("AUDIENCE", audience), path, host)
    return [f"{one.message} {one.hint}" for one in found]


def test_check_says_that_there_is_no_such_audience_and_which_there_are(
    store: Store, host: Host, path: Path, lines: Lines
) -> None:
    assert messages("Nobody at all", path, host) == []  # nothing was asked: nothing is claimed
    refresh_connection(store, host, Library(path.parent), "news", transports=lines)
    assert messages("Nobody at all", path, host) == [
        "There is no audience 'Nobody at all' in this account; there are: 'Newsletter', 'Clients'. "
        "`bridgework connections refresh news` asks it afresh."
    ]
    [said] = messages("Clinets", path, host)
    assert "Did you mean 'Clients'?" in said
    for fine in ("Clients", CLIENTS, "clients", '"{{ row.email }}"'):
        assert messages(fine, path, host) == []


def test_a_preview_asks_and_says_it_before_anything_is_read(
    store: Store, host: Host, path: Path, lines: Lines, app: PracticeMailchimp
) -> None:
    with pytest.raises(RecipeError, match="There is no audience 'Nobody at all' in this account"):
        preview(store, host, load_recipe(path), transports=lines)
    assert messages("Nobody at all", path, host) != []  # it is known offline from now on


def test_a_run_asks_afresh_what_was_not_there_and_so_finds_what_was_made_since(
    store: Store, host: Host, path: Path, lines: Lines, app: PracticeMailchimp
) -> None:
    refresh(store, host, questions_of(host, load_recipe(path)), transports=lines)
    recipe = load_recipe(path)

    def run() -> Any:
        run_id = request_run(store, host, recipe)
        execute(store, host, run_id, transports=lines)
        return get_run(store, run_id)

    refused = run()
    assert refused.status == "failed"
    assert refused.message.startswith("There is no audience 'Nobody at all' in this account")

    app.audiences[CLIENTS].name = "Nobody at all"
    assert run().counts == {"created": 1}
    assert messages("Nobody at all", path, host) == []
