"""kill -9 while records go on after answers and tasks: each goes on exactly once, and nothing before it repeats.

As in test_crash.py a process kills itself, after a chosen request or at a chosen commit.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import engine
from engine.host import build_host
from engine.loopback import on_loopback
from engine.recipe.library import Library
from engine.run.parked.after_answer import continue_recipe
from engine.run.people.answering import answer_question
from engine.run.people.tasks import answer_task
from engine.run.runner import execute
from engine.run.start import request_run
from engine.sdk import PracticeServer, json_response, route
from engine.store.answers import to_continue
from engine.store.connections import Connection, save_connection
from engine.store.ledger import entries
from engine.store.questions import list_questions
from engine.store.runs import get_run
from engine.store.silence import SILENCE_VARIABLE

HERE = Path(__file__).with_name("crash")
ALL = [str(n) for n in range(40)]
RECIPE = """\
name: Coins
trigger: {use: purse.coin}
steps:
  - id: deposit
    use: purse.drop
    with: {number: "deposit {{ record.id }}"}
  - ask: May coin {{ record.id }} go in?
    if: record.id | int < 20
  - id: by_hand
    use: purse.drop
    connection: person
    with: {number: "by hand {{ record.id }}"}
    if: record.id | int >= 20
  - id: coin
    use: purse.drop
    with: {number: "{{ record.id }}"}
"""


class Purse(PracticeServer):
    """Adds a coin for every sending, the same one too."""

    def __init__(self) -> None:
        super().__init__()
        self.coins: list[dict] = []

    @route("GET", "/coins")
    def look(self, request):
        return json_response([c for c in self.coins if c["number"] == request.args["number"]])

    @route("POST", "/coins")
    def drop(self, request):
        self.coins.append({"id": f"C{len(self.coins)}", **request.get_json()})
        return json_response(self.coins[-1])


@pytest.fixture
def purse():
    server = Purse()
    with on_loopback(server) as url:
        server.url = url
        yield server


def die(home: Path, run_id: int, *, at_commit: int = 0, at_request: int = 0) -> None:
    """Carry the run out in a process that kills itself."""
    done = subprocess.run(
        [sys.executable, str(HERE / "victim.py"), str(home), str(run_id), str(at_commit)],
        env={
            **os.environ,
            "KILL_AT_REQUEST": str(at_request),
            "PYTHONPATH": str(Path(engine.__file__).parents[1]),
        },
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def test_records_that_a_person_was_asked_about_go_on_exactly_once_after_any_crash(
    store, small_chunks, purse, monkeypatch
):
    monkeypatch.setenv(SILENCE_VARIABLE, "0.3")  # what a dead process sent may arrive for so long
    (store.home / "plugins").mkdir()
    shutil.copy(HERE / "purse.py", store.home / "plugins")
    (store.home / "coins.yaml").write_text(RECIPE)
    settings = {"base_url": purse.url}
    save_connection(store, Connection(name="purse", connector="purse", settings=settings))
    host = build_host([], folder=store.home / "plugins", strict=True)
    library = Library(store.home)

    # The process that asks is killed as well: each record is asked about once all the same.
    asking = request_run(store, host, library.load("coins"))
    for moment in ({"at_request": 5}, {"at_commit": 9}, {"at_commit": 14}):
        die(store.home, asking, **moment)
    first = execute(store, host, asking)
    assert first.counts == {"waiting": 40}
    asked = list_questions(store)
    assert sorted(question.record_key for question in asked) == sorted(ALL)
    deposits = {f"deposit {n}": 1 for n in ALL}
    assert Counter(coin["number"] for coin in purse.coins) == deposits

    for question in asked:
        if question.task is None:
            answer_question(store, question.id, "yes", by="dana@harborlaw.example")
        else:
            done_by_hand = {"id": f"H{question.record_key}"}
            answer_task(store, question.id, "done", done_by_hand, by="dana@harborlaw.example")

    def ask_to_go_on(now):
        answered = to_continue(store, now)["coins"]
        return continue_recipe(store, host, library, "coins", answered, now)

    started = datetime.now(UTC)
    run_id = ask_to_go_on(started)
    die(store.home, run_id, at_request=3)
    die(store.home, run_id, at_commit=47)  # the same run, carried out again
    cut_short, run_id = run_id, ask_to_go_on(started + timedelta(hours=1))  # and given up for dead
    assert get_run(store, cut_short).status == "failed"
    die(store.home, run_id, at_request=11)
    die(store.home, run_id, at_commit=18)

    run = execute(store, host, run_id)
    assert run.status == "succeeded"
    assert 0 < len(entries(store, cut_short)) < 40
    settled = [entry.key for id in (cut_short, run_id) for entry in entries(store, id)]
    assert Counter(settled) == dict.fromkeys(ALL, 1)
    assert Counter(coin["number"] for coin in purse.coins) == deposits | dict.fromkeys(ALL, 1)
    done = list_questions(store, states=["open", "answered", "lapsed", "withdrawn"])
    assert {question.state for question in done} == {"answered"}
    assert Counter(q.continued_run_id for q in done) == {
        id: len(entries(store, id)) for id in (cut_short, run_id)
    }
    assert to_continue(store, datetime(2027, 1, 1, tzinfo=UTC)) == {}
    later = execute(store, host, request_run(store, host, library.load("coins")))
    assert later.counts == {"unchanged": 40}
