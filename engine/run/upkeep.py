"""The duties of a running Bridgework, all in one list."""

from datetime import timedelta

from engine.notices.daily import make_daily_report
from engine.notices.reports import run_report
from engine.notices.sending import send_notices
from engine.run.duties import Duty, Works
from engine.run.going_on import go_on
from engine.run.health import check_connections, keep_tokens
from engine.run.inbox import read_inboxes
from engine.run.live import keep_fields_fresh
from engine.run.mending import mend
from engine.run.outbound import send_due
from engine.run.question_notices import look_after_questions
from engine.run.retention import sweep
from engine.run.schedule import start_due
from engine.run.sweeping_files import sweep_files
from engine.run.switching import look_after_webhooks
from engine.run.waking import wake
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
