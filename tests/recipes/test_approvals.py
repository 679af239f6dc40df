"""The recipe that asks before it sends: through restarts of the program, each yes is one case."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from engine.cli.connecting import connect
from engine.cli.practice_process import PracticeProcess, practice_server
from engine.host import Host, build_host
from engine.loopback import on_loopback
from engine.practice.server import PracticeServer
from engine.recipe.library import Library
from engine.run.people.answering import answer_question
from engine.run.start import request_run
from engine.store.database import Store
from engine.store.notices import list_notices
from engine.store.questions import get_question, list_questions
from engine.store.runs import RunRequest, get_run, list_runs

FOLDER = Path(__file__).parents[2] / "recipes"
RECIPE = "clio-matters-approved-to-case-status"
DANA = "dana@harborlaw.example"


@pytest.fixture(scope="module")
def host() -> Host:
    return build_host(strict=True)


@pytest.fixture
def servers(store: Store, host: Host) -> Iterator[dict[str, PracticeServer]]:
    """The practice servers of both ends, connected."""
    servers = {}
    with ExitStack() as stack:
        for name in ("clio", "casestatus"):
            connector = host.connector(name)
            server = servers[name] = practice_server(connector)
            stack.enter_context(server.listening())
            url = stack.enter_context(on_loopback(server))
            practice = PracticeProcess(name, url, 0, server.credentials())
            connect(store, connector, name, {}, practice=practice)
        yield servers


@contextmanager
def serving(home: Path) -> Iterator[None]:
    """Run ``bridgework serve`` in a process of its own, and kill it without a warning."""
    command = [sys.executable, "-m", "engine.cli", "serve", "--port", "0"]
    command += ["--home", str(home), "--recipes", str(FOLDER)]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=dict(os.environ)
    ) as process:
        try:
            yield
        finally:
            process.kill()


def eventually(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_yes_is_one_case_whatever_is_restarted_in_between(
    store: Store, host: Host, servers: dict[str, PracticeServer]
) -> None:
    cases = servers["casestatus"]
    before = {case["id"] for case in cases.records()["cases"]}

    def new_cases() -> list[str]:
        return [c["integration_id"] for c in cases.records()["cases"] if c["id"] not in before]

    request = RunRequest(limit=12)
    first = request_run(store, host, Library(FOLDER).load(RECIPE), request=request)
    with serving(store.home):
        eventually(lambda: (run := get_run(store, first)) is not None and not run.active)
        eventually(lambda: bool(list_notices(store, topic="question")))
    run = get_run(store, first)
    assert run is not None
    asked = list_questions(store)
    assert run.counts["waiting"] == len(asked) >= 3
    assert sum(run.counts.values()) == run.read == 12
    assert new_cases() == []

    # Nobody serves anything now; the answers are given all the same.
    yes, no, *others = asked
    answer_question(store, yes.id, "yes", by=DANA)
    answer_question(store, no.id, "no", by=DANA, note="conflict of interest")
    with serving(store.home):
        eventually(lambda: _continued(store, yes.id) and _continued(store, no.id))
    assert new_cases() == [yes.record_key]
    [case] = [c for c in cases.records()["cases"] if c["integration_id"] == yes.record_key]
    assert case["description"].startswith(f"Approved by {DANA} on ")

    # Killed once more, and started once more: nothing is sent, nothing is asked again.
    with serving(store.home):
        answer_question(store, others[0].id, "yes", by=DANA)
        eventually(lambda: _continued(store, others[0].id))
    assert sorted(new_cases()) == sorted([yes.record_key, others[0].record_key])
    posted = [r for r in cases.requests if r["method"] == "POST" and r["status"] == 201]
    assert len([r for r in posted if "integration_id" in (r["body"] or {})]) == 2
    assert [one.id for one in list_questions(store)] == [one.id for one in others[1:]]
    assert [run.origin for run in list_runs(store)] == ["answer", "answer", "manual"]


def _continued(store: Store, id: int) -> bool:
    question = get_question(store, id)
    return question is not None and question.continued_run_id is not None
