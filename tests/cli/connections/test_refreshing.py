"""``connections refresh`` and ``check --refresh`` read the fields that only an account knows."""

from pathlib import Path

from engine.loopback import on_loopback
from engine.store.connections import Connection, save_connection
from engine.store.database import Store
from plugins.mailchimp.practice.sample_data import CLIENTS
from plugins.mailchimp.practice.server import API_KEY, PracticeMailchimp
from tests.cli.connections.apps import Bridgework

RECIPE = f"""\
name: Clients join
trigger: {{use: csv.row_read, with: {{file: rows.csv}}, as: row}}
steps:
  - id: member
    use: mailchimp.upsert_members
    connection: news
    with: {{audience: {CLIENTS}, email: "{{{{ row.email }}}}", merge_fields.SINSE: 2026-01-31}}
"""


def connect(store: Store, url: str) -> None:
    save_connection(
        store,
        Connection(
            name="news",
            connector="mailchimp",
            settings={"base_url": f"{url}/3.0"},
            secrets={"api_key": API_KEY},
        ),
    )


def test_a_check_asks_the_account_only_when_told(
    bridgework: Bridgework, store: Store, home: Path
) -> None:
    Path("rows.csv").write_text("email\na@mail.example\n")
    Path("recipes").mkdir()
    Path("recipes/join.yaml").write_text(RECIPE)
    app = PracticeMailchimp(seed=1)
    with on_loopback(app) as url:
        connect(store, url)
        assert bridgework("check", "recipes/join.yaml").exit_code == 0
        assert app.requests == []
        checked = bridgework("check", "--refresh", "recipes/join.yaml")
        assert checked.exit_code == 1
        assert "Did you mean 'SINCE'?" in checked.stdout
        again = bridgework("connections", "refresh", "news")
        assert again.exit_code == 0
        assert again.stderr == (
            f"Audiences: 2 read.\nMerge fields (audience: {CLIENTS}): 8 read.\n"
        )
    away = bridgework("check", "--refresh", "recipes/join.yaml")
    assert "could not be read: Mailchimp can't be reached" in away.stderr
    assert "Did you mean 'SINCE'?" in away.stdout
    assert bridgework("connections", "refresh", "news").exit_code == 1


def test_an_account_without_fields_of_its_own_says_so(bridgework: Bridgework, store: Store) -> None:
    save_connection(store, Connection(name="money", connector="stripe"))
    result = bridgework("connections", "refresh", "money")
    assert result.exit_code == 0
    assert result.stderr.startswith("Nothing is to be read of 'money'")
