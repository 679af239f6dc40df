"""The database restarted under two workers, processes stopped and woken at random, and messages that
must not be sent twice: the import goes on by itself, and balances.
"""

import signal
import time
from collections import Counter

import pytest

from engine.store.silence import SILENCE_VARIABLE
from plugins.casestatus.practice.sample_data import SAID
from tests.acceptance.conftest import MATTERS, came_over_once, every_record_has_one_outcome

pytestmark = pytest.mark.parametrize("installation", ["postgres"], indirect=True)

GREETED = """
name: Clients of new matters are greeted
trigger:
  use: clio.matter_changed
  with: {status: [open, pending]}
  as: matter
skip:
  - if: not matter.client
    reason: This matter has no client in Clio.
steps:
  - id: lawyer
    use: casestatus.find_staff
    with: {email: "{{ matter.responsible_attorney.email | lower }}"}
    if_none: {reject: The responsible attorney is not a user in Case Status yet.}
  - id: case
    use: casestatus.upsert_case
    key: matter.id
    with:
      name: "{{ matter.display_number }}"
      attorney: "{{ lawyer.id }}"
      practice_area: Family Law
      stage: Getting started
      client:
        first_name: "{{ matter.client.first_name }}"
        last_name: "{{ matter.client.last_name or matter.client.name }}"
        phone: "{{ matter.client.phones | first_of('mobile', 'home', 'work') | phone('US') }}"
  - id: welcome
    use: casestatus.send_message
    with: {case: "{{ case.id }}", text: "Welcome to matter {{ matter.id }}"}
"""


@pytest.mark.timeout(120)
def test_the_database_is_restarted_three_times(installation, cut_off):
    for _ in range(2):
        installation.start("worker")
    run_id = installation.ask(MATTERS, limit=2400)
    for restarts in range(1, 4):
        installation.wait_for(run_id, lambda run, n=restarts: run.read > n * 500, 60)
        cut_off()
        assert installation.run(run_id).active
    run = installation.wait_for(run_id, lambda run: not run.active, 60)
    print(f"\n3 restarts, {run.attempts} in the hands of who read, ended as {dict(run.counts)}")
    assert run.status == "partial"
    every_record_has_one_outcome(installation, run)
    came_over_once(installation, run)


@pytest.mark.timeout(180)
def test_workers_are_stopped_and_woken_eight_times(installation, dice):
    installation.environment[SILENCE_VARIABLE] = "2"
    installation.lines["casestatus"].seconds = 0.005
    workers = [installation.start("worker") for _ in range(2)]
    run_id = installation.ask(MATTERS, limit=3000)
    installation.wait_for(run_id, lambda run: run.read > 50, 60)
    for _ in range(8):
        sleeper = dice.choice(workers)
        sleeper.send_signal(signal.SIGSTOP)
        time.sleep(dice.choice((0.2, 0.5, 2.5)))
        sleeper.send_signal(signal.SIGCONT)
        time.sleep(dice.uniform(0, 0.3))
    run = installation.wait_for(run_id, lambda run: not run.active, 90)
    print(f"\n8 sleeps, {run.attempts} of who read, ended as {dict(run.counts)}")
    assert run.status == "partial"
    every_record_has_one_outcome(installation, run)
    came_over_once(installation, run)


@pytest.mark.timeout(180)
def test_no_client_is_greeted_twice_however_often_workers_are_killed(installation, dice):
    """The app goes on with what it received, also when the worker that sent it is dead by then."""
    installation.environment[SILENCE_VARIABLE] = "2"
    (installation.library.folder / "greeted.yaml").write_text(GREETED, "utf-8")
    installation.lines["casestatus"].seconds = 0.05
    workers = [installation.start("worker") for _ in range(2)]
    run_id = installation.ask("greeted", limit=200)
    for kills in range(1, 5):
        installation.wait_for(run_id, lambda run, n=kills: run.read >= n * 40, 60)
        victim = dice.randrange(2)
        installation.kill(workers[victim])
        workers[victim] = installation.start("worker")
    run = installation.wait_for(run_id, lambda run: not run.active, 90)
    written = installation.servers["casestatus"].messages[len(SAID) :]
    greeted = Counter(message["content"] for message in written)
    print(f"\n4 kills, {run.attempts} of who read, {len(greeted)} greeted; {dict(run.counts)}")
    every_record_has_one_outcome(installation, run)
    assert max(greeted.values()) == 1
    came = run.counts.get("created", 0) + run.counts.get("updated", 0)
    assert len(greeted) == came
