"""kill -9 at any instant: every record has one outcome, the target has each once, the ledger balances.

The run goes on in a process of its own, which kills itself at a chosen commit to the database or
after a chosen request; the practice server lives in this one. Then the run is carried out again.
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
from engine.run.runner import execute
from engine.run.start import request_run
from engine.sdk import PracticeServer, json_response, route
from engine.store.connections import Connection, save_connection
from engine.store.ledger import entries
from engine.store.runs import get_run

HERE = Path(__file__).with_name("crash")
RECIPES = {
    "single": "- id: coin\n  use: vault.put\n  with: {metal: '{{ record.metal }}'}",
    "batch": "- id: coin\n  use: vault.put_many\n"
    "  with: {number: '{{ record.id }}', metal: '{{ record.metal }}'}",
}


class Vault(PracticeServer):
    """Keeps coins by their number, and how often each was put in."""

    def __init__(self) -> None:
        super().__init__()
        self.coins: Counter[str] = Counter()

    @route("PUT", "/coins/<id>")
    def put(self, request, id):
        self.coins[id] += 1
        return json_response({"id": f"C{id}"})

    @route("POST", "/coins")
    def put_many(self, request):
        for row in request.get_json():
            self.coins[row["number"]] += 1
        return json_response([{"id": f"C{row['number']}"} for row in request.get_json()])


@pytest.fixture
def vault_server():
    vault = Vault()
    with on_loopback(vault) as url:
        yield vault, url


def die(home: Path, run_id: int, *, at_commit: int = 0, at_request: int = 0) -> bool:
    """Carry the run out in a process that kills itself; return whether it came to that."""
    command = [sys.executable, str(HERE / "victim.py"), str(home), str(run_id), str(at_commit)]
    environment = {
        **os.environ,
        "KILL_AT_REQUEST": str(at_request),
        "PYTHONPATH": str(Path(engine.__file__).parents[1]),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode != 0


@pytest.mark.parametrize(
    ("way", "moments"),
    [
        ("single", [{"at_commit": 3}, {"at_request": 13}, {"at_commit": 21}]),
        ("batch", [{"at_request": 1}, {"at_commit": 9}, {"at_request": 3}, {"at_commit": 14}]),
    ],
)
def test_a_run_killed_again_and_again_still_comes_to_its_end(
    store, small_chunks, vault_server, way, moments
):
    vault, url = vault_server
    (store.home / "plugins").mkdir()
    shutil.copy(HERE / "vault.py", store.home / "plugins")
    library = Library(store.home)
    text = "name: Coins\ntrigger: {use: vault.coin}\nsteps:\n"
    text += "".join(f"  {line}\n" for line in RECIPES[way].splitlines())
    (store.home / "coins.yaml").write_text(text)
    save_connection(store, Connection(name="vault", connector="vault", settings={"base_url": url}))
    host = build_host([], folder=store.home / "plugins", strict=True)
    run_id = request_run(store, host, library.load("coins"))

    killed = [die(store.home, run_id, **moment) for moment in moments]
    assert all(killed)
    between = get_run(store, run_id)
    assert between.read == sum(between.counts.values())

    run = execute(store, host, run_id)
    assert run.status == "partial"
    # What came over before a crash is not "unchanged" to the report, whoever read it again.
    assert run.counts == {"created": 36, "rejected": 4}
    assert run.read == 40
    listed = entries(store, run_id)
    assert Counter(entry.key for entry in listed) == Counter(str(n) for n in range(40))
    assert Counter(entry.outcome for entry in listed) == run.counts
    assert set(vault.coins) == {str(n) for n in range(40)}
    # At most a chunk is sent again for each time it was killed.
    assert sum(vault.coins.values()) <= 40 + 8 * len(moments)

    again = execute(store, host, request_run(store, host, library.load("coins")))
    assert again.counts == {"unchanged": 36, "rejected": 4}
