"""The duties of a running Bridgework, all in one list."""

from datetime import timedelta

from engine.run.duties import Duty, Works
from engine.run.inbox import read_inboxes
from engine.run.retention import sweep
from engine.run.schedule import start_due
from engine.run.switching import look_after_webhooks
from engine.store import runs


def hand_out_runs(works: Works) -> None:
    """Put runs on the queue that somebody asked for, or that a dead worker left."""
    for run in runs.waiting_runs(works.store):
        works.enqueue(run.id)


DUTIES: tuple[Duty, ...] = (
    Duty("hand out runs", timedelta(seconds=1), hand_out_runs),
    Duty("schedules", timedelta(seconds=1), start_due),
    Duty("inboxes", timedelta(seconds=1), read_inboxes),
    Duty("webhooks", timedelta(seconds=30), look_after_webhooks),
    Duty("sweep", timedelta(days=1), sweep),
)
