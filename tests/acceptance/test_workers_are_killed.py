"""kill -9 at random moments, again and again, while 5,000 matters are imported: nothing is lost,
nothing is doubled, and every record has one outcome.
"""

import pytest

from engine.store.silence import SILENCE_VARIABLE
from tests.acceptance.conftest import (
    MATTERS,
    came_over_once,
    every_record_has_one_outcome,
    somewhere,
)


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
