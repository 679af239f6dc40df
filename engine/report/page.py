"""A report as one page of HTML: nothing is fetched, so it can be mailed, kept and printed."""

from collections.abc import Iterator
from datetime import datetime

from jinja2 import Environment, PackageLoader, StrictUndefined

from engine.local_time import local_now
from engine.redaction import redact
from engine.report.causes import causes_of
from engine.report.on_version import version_number
from engine.report.words import (
    OUTCOME_WORDS,
    STATUS_WORDS,
    balance,
    cause_sentence,
    moment,
    previous_run_at,
    sentences,
    took,
)
from engine.store.database import Store
from engine.store.ledger import OUTCOMES, stream_entries
from engine.store.runs import Run


def as_html(store: Store, run: Run, *, now: datetime | None = None) -> Iterator[str]:
    """Yield the page's text piece by piece.

    :param now: a time in the zone to speak in; default: the time here.
    """
    now = now or local_now()
    environment = Environment(
        loader=PackageLoader("engine.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["redact"] = lambda text: redact(text or "")
    yield from environment.get_template("report.html").generate(
        run=run,
        status=STATUS_WORDS[run.status],
        version=version_number(store, run),
        sentences=sentences(run, since=previous_run_at(store, run), now=now),
        balance=balance(run),
        counts=[
            (run.counts[name], name, OUTCOME_WORDS[name])
            for name in OUTCOMES
            if run.counts.get(name)
        ],
        causes=[(cause, cause_sentence(run, cause)) for cause in causes_of(store, run)],
        entries=stream_entries(store, run.id),
        started=moment(run.started_at, now) if run.started_at else "",
        took=took(run.seconds),
        printed=moment(now, now),
    )
