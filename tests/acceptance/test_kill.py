"""kill -9 at random moments, again and again, while 5,000 matters are imported: nothing is lost,
nothing is doubled, and every record has one outcome.
"""

import random
import time
from collections import Counter

import pytest

from engine.store.silence import SILENCE_VARIABLE
from tests.acceptance.conftest import MATTERS, every_record_has_one_outcome

#: Of the firm's 5,000 matters, those that are not closed.
MATTERS_TO_COME = 4972


def came_over_once(installation, run) -> None:
    """Check the target: each matter that came over is one case there, and nothing else is."""
    cases = Counter(
        case["integration_id"]
        for case in installation.servers["casestatus"].cases.values()
        if case.get("integration_id")
    )
    assert max(cases.values()) == 1
    # Where a process died between the answer and its line in the ledger, it was sent again: the
    # target then says that it knew the case.
    assert len(cases) == run.counts["created"] + run.counts.get("updated", 0)


def somewhere(installation, run_id: int, dice: random.Random, share: float) -> None:
    """Wait for a random moment: as the program starts, or a little further in the import.

    :param share: of the kills done, which the import keeps pace with.
    """
    read = installation.run(run_id).read
    if read > share * MATTERS_TO_COME:
        time.sleep(dice.uniform(0.1, 2))
        return
    further = read + dice.randrange(1, 120)
    installation.wait_for(run_id, lambda run: run.read >= further or not run.active, 60)
    time.sleep(dice.uniform(0, 0.2))


@pytest.mark.timeout(500)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_serve_is_killed_fifty_times(installation, dice):
    run_id = installation.ask(MATTERS)
    for kills in range(1, 51):
        process = installation.start("serve", "--port", "0")
        somewhere(installation, run_id, dice, kills / 55)
        installation.kill(process)
        run = installation.run(run_id)
        assert run.active, f"the import was over after {kills} kills: {run}"
    installation.start("serve", "--port", "0")
    run = installation.wait_for(run_id, lambda run: not run.active, 120)
    print(f"\n50 kills, {run.attempts} of them in the import, ended as {dict(run.counts)}")
    assert run.status == "partial"
    every_record_has_one_outcome(installation, run)
    came_over_once(installation, run)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("installation", ["postgres"], indirect=True)
def test_serve_and_two_workers_are_killed_twenty_times(installation, dice):
    installation.environment[SILENCE_VARIABLE] = "3"
    installation.store.engine.dispose()
    commands = (("serve", "--port", "0"), ("worker",), ("worker",))
    workers = [installation.start(*command) for command in commands]
    run_id = installation.ask(MATTERS)
    for kills in range(1, 21):
        somewhere(installation, run_id, dice, kills / 23)
        victim = dice.randrange(3)
        installation.kill(workers[victim])
        workers[victim] = installation.start(*commands[victim])
        run = installation.run(run_id)
        assert run.active, f"the import was over after {kills} kills: {run}"
    run = installation.wait_for(run_id, lambda run: not run.active, 120)
    print(f"\n20 kills, {run.attempts} of who read, ended as {dict(run.counts)}")
    assert run.status == "partial"
    every_record_has_one_outcome(installation, run)
    came_over_once(installation, run)
