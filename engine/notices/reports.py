"""The text of reports: a day's, and one run's; each as plain text and as a page for a mail."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.notices.digest import Digest, Item, digest_of
from engine.notices.message import frame, templates
from engine.public_address import public_link
from engine.redaction import redact
from engine.report import balance, cause_sentence, causes_of, moment, sentences, took
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION, Cause
from engine.store.notices import Notice
from engine.store.runs import Run, get_run

#: What a notice about one run's report is about: ``recipe:NAME/run:ID``.
OF_RUN = re.compile(r"recipe:.+/run:(\d+)")


def day_report(
    store: Store, since: datetime, until: datetime, zone: ZoneInfo
) -> tuple[Digest, str, str]:
    """Return what a day's report says, and it as text and as HTML."""
    digest = digest_of(store, since, until, zone)
    now = until.astimezone(zone)
    span = f"Since {moment(since, now)}"
    html = (
        templates()
        .get_template("day.html")
        .render(
            digest=digest,
            span=span,
            link=lambda path: public_link(path) if path else None,
            **frame(),
        )
    )
    return digest, "\n".join(_day_lines(digest, span)), html


def run_report(store: Store, notice: Notice) -> tuple[str, str] | None:
    """Return the text and HTML of the report of a run, where the notice is about one."""
    found = OF_RUN.fullmatch(notice.about) if notice.kind == "report" else None
    run = get_run(store, int(found[1])) if found else None
    if run is None:
        return None
    causes = causes_of(store, run, NEEDS_ATTENTION)
    said = sentences(run)
    html = (
        templates()
        .get_template("run.html")
        .render(
            run=run,
            headline=said[0],
            sentences=said[1:],
            balance=balance(run) if run.read else "",
            causes=[
                Item(
                    cause_sentence(run, cause),
                    redact(cause.how_to_fix),
                    f"{notice.link}?cause={cause.id}",
                )
                for cause in causes
            ],
            took=took(run.seconds),
            report=public_link(notice.link),
            link=lambda path: public_link(path) if path else None,
            **frame(),
        )
    )
    return "\n".join(_run_lines(run, said, causes)), html


def _run_lines(run: Run, said: Sequence[str], causes: Sequence[Cause]) -> Iterator[str]:
    yield from said
    if run.read:
        yield balance(run)
    if causes:
        yield from ("", "WHAT NEEDS ATTENTION")
    for cause in causes:
        yield f"- {cause_sentence(run, cause)}"
        if cause.how_to_fix:
            yield f"  What to do: {redact(cause.how_to_fix)}"


def _day_lines(digest: Digest, span: str) -> Iterator[str]:
    yield f"{digest.headline}."
    if digest.attention:
        yield from ("", "WHAT NEEDS ATTENTION")
    for group in digest.attention:
        yield from ("", group.title)
        for item in group.items:
            yield f"- {item.text}"
            if item.detail:
                yield f"  What to do: {item.detail}" if group.path else f"  {item.detail}"
            if address := public_link(item.path):
                yield f"  {address}"
        if group.more:
            yield f"- And {group.more} more."
    if digest.fixed:
        yield from ("", "FIXED SINCE THE LAST REPORT")
        yield from (f"- {item.text}" for item in digest.fixed)
    yield from ("", f"WHAT RAN ({span[0].lower()}{span[1:]})")
    if not digest.ran:
        yield "Nothing ran."
    for item in digest.ran:
        yield f"- {item.text}: {item.detail}"
        if address := public_link(item.path):
            yield f"  {address}"
