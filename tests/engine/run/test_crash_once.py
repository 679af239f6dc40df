"""kill -9 around sends that must not be repeated: nothing is sent twice, and nothing is guessed.

As in test_crash.py a process kills itself, after a chosen request or at a chosen commit.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import engine
from engine.host import build_host
from engine.loopback import on_loopback
from engine.recipe.library import Library
from engine.run.preview import preview
from engine.run.runner import execute
from engine.run.start import request_retry, request_run
from engine.sdk import PracticeServer, json_response, route
from engine.store.connections import Connection, save_connection
from engine.store.intents import find_intents
from engine.store.ledger import entries
from engine.store.silence import SILENCE_VARIABLE

HERE = Path(__file__).with_name("crash")
ALL = {str(n) for n in range(40)}
MOMENTS = [{"at_request": 3}, {"at_commit": 7}, {"at_request": 11}, {"at_commit": 20}]
OF_BATCHES = [{"at_request": 3}, {"at_commit": 7}, {"at_request": 2}, {"at_request": 1}]


class Purse(PracticeServer):
    """Adds a coin for every sending; one with a key that it knows is not added."""

    def __init__(self, *, knows_keys: bool) -> None:
        super().__init__()
        self.coins: list[dict] = []
        self.by_key: dict[str, dict] = {}
        self.knows_keys = knows_keys
        self.again = 0

    @property
    def numbers(self):
        return Counter(coin["number"] for coin in self.coins)

    @route("GET", "/coins")
    def look(self, request):
        return json_response([c for c in self.coins if c["number"] == request.args["number"]])

    @route("POST", "/coins")
    def drop(self, request):
        key = request.headers["Idempotency-Key"]
        if self.knows_keys and key in self.by_key:
            self.again += 1
            return json_response(self.by_key[key])
        return json_response(self._add(request.get_json()["number"], key))

    @route("POST", "/coins/many")
    def pour(self, request):
        return json_response([self._add(row["number"], "") for row in request.get_json()])

    def _add(self, number, key):
        coin = {"id": f"C{len(self.coins)}", "number": number}
        self.coins.append(coin)
        self.by_key[key] = coin
        return coin


@pytest.fixture(autouse=True)
def _short_silence(monkeypatch):
    """What a dead process sent is given so long to arrive."""
    monkeypatch.setenv(SILENCE_VARIABLE, "0.3")


@pytest.fixture
def purse(request):
    server = Purse(knows_keys=getattr(request, "param", False))
    with on_loopback(server) as url:
        server.url = url
        yield server


class Office:
    """A home with the purse's connector and one recipe."""

    def __init__(self, store, purse, use):
        (store.home / "plugins").mkdir()
        shutil.copy(HERE / "purse.py", store.home / "plugins")
        (store.home / "coins.yaml").write_text(
            "name: Coins\ntrigger: {use: purse.coin}\nsteps:\n"
            f"  - id: coin\n    use: purse.{use}\n    with: {{number: '{{{{ record.id }}}}'}}\n"
        )
        settings = {"base_url": purse.url}
        save_connection(store, Connection(name="purse", connector="purse", settings=settings))
        self.store = store
        self.library = Library(store.home)
        self.host = build_host([], folder=store.home / "plugins", strict=True)

    @property
    def recipe(self):
        return self.library.load("coins")

    def ask(self):
        return request_run(self.store, self.host, self.recipe)

    def die(self, run_id, at_request=0, at_commit=0):
        command = [sys.executable, str(HERE / "victim.py"), str(self.store.home)]
        environment = {
            **os.environ,
            "KILL_AT_REQUEST": str(at_request),
            "PYTHONPATH": str(Path(engine.__file__).parents[1]),
        }
        done = subprocess.run(
            [*command, str(run_id), str(at_commit)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr

    def intents(self):
        return find_intents(self.store, "coins", "coin", sorted(ALL))


@pytest.mark.parametrize(
    ("purse", "use"),
    [(False, "drop"), (True, "drop_marked"), (False, "pour")],
    indirect=["purse"],
)
def test_where_the_target_can_tell_each_is_there_once_after_any_crash(
    store, small_chunks, purse, use
):
    office = Office(store, purse, use)
    run_id = office.ask()
    for moment in OF_BATCHES if use == "pour" else MOMENTS:
        office.die(run_id, **moment)
    assert office.intents()  # the last one died before its outcome was written

    run = execute(store, office.host, run_id)
    assert run.status == "succeeded"
    assert run.counts == {"created": 40}
    assert purse.numbers == dict.fromkeys(ALL, 1)
    assert {entry.target_id for entry in entries(store, run_id)} == {c["id"] for c in purse.coins}
    assert not office.intents()
    if use == "drop_marked":
        assert purse.again > 0
    assert execute(store, office.host, office.ask()).counts == {"unchanged": 40}


def test_where_it_can_not_a_person_decides_and_nothing_is_sent_twice(store, small_chunks, purse):
    office = Office(store, purse, "drop_blindly")
    run_id = office.ask()
    for moment in MOMENTS:
        office.die(run_id, **moment)
    sent = purse.numbers
    expected = preview(store, office.host, office.recipe)
    assert purse.numbers == sent

    run = execute(store, office.host, run_id)
    unsure = {e.key for e in entries(store, run_id, outcomes=["unsure"])}
    assert run.status == "partial"
    assert run.read == sum(run.counts.values()) == 40
    assert 0 < len(unsure) <= 8 * len(MOMENTS)
    # The preview looked at the recipe's next run: it held back what this one called unsure.
    assert unsure >= {e.key for e in expected.entries if e.outcome == "unsure"} != set()
    assert set(purse.numbers.values()) == {1}
    missing = ALL - set(purse.numbers)
    assert missing <= unsure
    assert not office.intents()

    # Later runs and previews leave them alone.
    later = execute(store, office.host, office.ask())
    assert later.counts == {"unchanged": 40 - len(unsure), "unsure": len(unsure)}
    assert preview(store, office.host, office.recipe).counts == later.counts

    there = sorted(unsure - missing)
    args = (store, office.host, office.library, run)
    settled = execute(store, office.host, request_retry(*args, keys=there, arrived=True))
    assert settled.counts == {"created": len(there)}
    assert purse.numbers == dict.fromkeys(ALL - missing, 1)
    if missing:
        assert execute(store, office.host, request_retry(*args)).counts == {"created": len(missing)}
    assert purse.numbers == dict.fromkeys(ALL, 1)
    assert execute(store, office.host, office.ask()).counts == {"unchanged": 40}
