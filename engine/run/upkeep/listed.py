"""The duties of a running Bridgework, all in one list."""

from datetime import timedelta

from engine.notices.daily import make_daily_report
from engine.notices.reports import run_report
from engine.notices.sending import send_notices
from engine.run.connections.health import check_connections, keep_tokens
from engine.run.connections.live_fields import keep_fields_fresh
from engine.run.parked.after_answer import go_on
from engine.run.parked.after_wait import wake
from engine.run.people.reminders import look_after_questions
from engine.run.recipes.switching import look_after_webhooks
from engine.run.schedule.due import start_due
from engine.run.telling.outbound import send_due
from engine.run.upkeep.duties import Duty, Works
from engine.run.upkeep.kept_files import sweep_files
from engine.run.upkeep.retention import sweep
from engine.run.webhooks.inbox import read_inboxes
from engine.run.webhooks.mending import mend
from engine.store import claims, outbox


def hand_out_runs(works: Works) -> None:
    """Put runs on the queue that somebody asked for, or that a dead worker left."""
    for run in claims.waiting_runs(works.store):
        works.enqueue(run.id)


def send_due_notices(works: Works) -> None:
    """Send what people should hear of, by mail and over the channels that were set up."""
    send_notices(works.store, compose=lambda notice: run_report(works.store, notice))


def make_due_report(works: Works) -> None:
    make_daily_report(works.store)


def tell_other_systems(works: Works) -> None:
    send_due(works.store)


def sweep_outbox(works: Works) -> None:
    outbox.sweep(works.store)


DUTIES: tuple[Duty, ...] = (
    Duty("hand out runs", timedelta(seconds=1), hand_out_runs),
    Duty("schedules", timedelta(seconds=1), start_due),
    Duty("inboxes", timedelta(seconds=1), read_inboxes),
    Duty("webhooks", timedelta(seconds=30), look_after_webhooks),
    Duty("mending", timedelta(minutes=5), mend),
    Duty("answers", timedelta(seconds=1), go_on),
    Duty("waits", timedelta(seconds=1), wake),
    Duty("questions", timedelta(seconds=5), look_after_questions),
    Duty("daily report", timedelta(minutes=1), make_due_report),
    Duty("send notices", timedelta(seconds=5), send_due_notices),
    Duty("keep tokens", timedelta(minutes=5), keep_tokens),
    Duty("check connections", timedelta(minutes=15), check_connections),
    Duty("read fields", timedelta(hours=1), keep_fields_fresh),
    Duty("sweep", timedelta(days=1), sweep),
    Duty("sweep files", timedelta(days=1), sweep_files),
    Duty("tell other systems", timedelta(seconds=1), tell_other_systems),
    Duty("sweep the outbox", timedelta(hours=1), sweep_outbox),
)
