"""kill -9 while records wait and messages are made: all goes out once, and nothing is lost.

As in test_crash.py a process kills itself, after a chosen request or at a chosen commit.
"""

import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from engine.host import build_host
from engine.loopback import on_loopback
from engine.recipe.library import Library
from engine.run.parked.after_wait import wake_recipe
from engine.run.runner import execute
from engine.run.start import request_run
from engine.store.collected import message_keys
from engine.store.connections import Connection, save_connection
from engine.store.ledger import entries
from engine.store.runs import get_run
from engine.store.silence import SILENCE_VARIABLE
from engine.store.tables import waits
from engine.store.waits import due_records, to_wake
from tests.engine.run.test_crash_ask import ALL, HERE, die
from tests.engine.run.test_crash_once import Purse

WAITING = """\
name: Coins
trigger: {use: purse.coin}
steps:
  - id: deposit
    use: purse.drop
    with: {number: "deposit {{ record.id }}"}
  - wait: 2 days
  - id: coin
    use: purse.drop
    with: {number: "{{ record.id }}"}
"""
COLLECTING = """\
name: Coins
trigger: {use: purse.coin}
steps:
  - id: bag
    collect: "{{ record.id }}"
    size: 15
    steps:
      - id: coins
        use: purse.ACTION
        with: {number: "{{ bag | join(' ') }}"}
"""


@pytest.fixture
def purse():
    server = Purse(knows_keys=True)
    with on_loopback(server) as url:
        server.url = url
        yield server


@pytest.fixture
def place(store, small_chunks, purse, monkeypatch):
    """Write a recipe; return its host and library."""
    monkeypatch.setenv(SILENCE_VARIABLE, "0.3")  # what a dead process sent may arrive for so long
    (store.home / "plugins").mkdir()
    shutil.copy(HERE / "purse.py", store.home / "plugins")
    settings = {"base_url": purse.url}
    save_connection(store, Connection(name="purse", connector="purse", settings=settings))
    host = build_host([], folder=store.home / "plugins", strict=True)

    def write(text):
        (store.home / "coins.yaml").write_text(text)
        return host, Library(store.home)

    return write


def test_waiting_records_go_on_exactly_once_after_any_crash(store, purse, place):
    host, library = place(WAITING)
    parking = request_run(store, host, library.load("coins"))
    for moment in ({"at_request": 5}, {"at_commit": 14}):
        die(store.home, parking, **moment)
    assert execute(store, host, parking).counts == {"waiting": 40}
    deposits = {f"deposit {n}": 1 for n in ALL}
    assert Counter(coin["number"] for coin in purse.coins) == deposits

    now = datetime.now(UTC)
    assert to_wake(store, now) == {}
    with store.writing() as connection:  # two days later
        connection.execute(update(waits).values(since=now - timedelta(days=2), due_at=now))
    [(recipe, written_in)] = to_wake(store, now).items()
    run_id = wake_recipe(store, host, library, recipe, written_in, now)
    die(store.home, run_id, at_request=3)
    die(store.home, run_id, at_commit=42)  # the same run, carried out again
    later = now + timedelta(hours=1)
    cut_short, run_id = run_id, wake_recipe(store, host, library, recipe, written_in, later)
    assert get_run(store, cut_short).status == "failed"  # given up for dead
    die(store.home, run_id, at_request=11)
    run = execute(store, host, run_id)
    assert run.status == "succeeded"
    settled = [entry.key for id in (cut_short, run_id) for entry in entries(store, id)]
    assert Counter(settled) == dict.fromkeys(ALL, 1)
    assert Counter(coin["number"] for coin in purse.coins) == deposits | dict.fromkeys(ALL, 1)
    assert due_records(store, recipe, datetime(2027, 6, 1, tzinfo=UTC)) == []
    again = execute(store, host, request_run(store, host, library.load("coins")))
    assert again.counts == {"unchanged": 40}


@pytest.mark.parametrize(
    ("action", "moments"),
    [
        ("drop", [{"at_commit": 5}, {"at_commit": 12}, {"at_request": 1}, {"at_request": 2}]),
        ("drop_marked", [{"at_request": 1}]),
    ],
    ids=["asked", "marked"],
)
def test_messages_go_out_exactly_once_after_any_crash(store, purse, place, action, moments):
    """Where the other system can be asked, or knows a repeat."""
    host, library = place(COLLECTING.replace("ACTION", action))
    run_id = request_run(store, host, library.load("coins"))
    for moment in moments:
        die(store.home, run_id, **moment)
    run = execute(store, host, run_id)
    assert run.status == "succeeded"
    found = entries(store, run_id)
    assert Counter(entry.key for entry in found if entry.key in ALL) == dict.fromkeys(ALL, 1)
    assert run.balances
    assert run.read + sum(run.messages.values()) == len(found) == sum(run.counts.values())
    sent = [number for coin in purse.coins for number in coin["number"].split()]
    assert Counter(sent) == dict.fromkeys(ALL, 1)
    assert message_keys(store, "coins") == []
    again = execute(store, host, request_run(store, host, library.load("coins")))
    assert again.counts == {"unchanged": 40}
