"""kill -9 at random moments, again and again, while 5,000 matters are imported: nothing is lost,
nothing is doubled, and every record has one outcome.
"""

import pytest

from tests.acceptance.conftest import (
    MATTERS,
    came_over_once,
    every_record_has_one_outcome,
    somewhere,
)


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
