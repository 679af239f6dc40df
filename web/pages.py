"""What the templates receive: engine records turned into words, links and numbers."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, url_for

from engine.redaction import redact
from engine.report import OUTCOME_WORDS, STATUS_WORDS, Gathered, cause_sentence, headline, took
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION, OUTCOMES, Cause, Entry
from engine.store.problems import keys_of
from engine.store.questions import ASKED
from engine.store.runs import Origin, Run
from web.prose import said
from web.times import When, viewer_now, when

PAGE_SIZE = 50
ORIGIN_WORDS: dict[Origin, str] = {
    "manual": "started by hand",
    "schedule": "started on schedule",
    "retry": "started to retry records",
    "webhook": "started by a webhook",
    "mending": "started by itself to try records again",
    "answer": "started by an answer",
    "wait": "went on after a wait",
}


@dataclass(frozen=True)
class RunLine:
    """One run in a list.

    :param sentence: what came of it.
    :param url: the report once there is one, the live page before.
    """

    id: int
    recipe: str
    title: str
    status: str
    status_words: str
    active: bool
    sentence: str
    hint: str
    origin: str
    asked: When
    took: str
    url: str


@dataclass(frozen=True)
class OutcomeCount:
    """How many records of a run had one outcome.

    :param share: of all records with an outcome, in percent.
    :param offset: the shares before it, in percent; where its part of the bar begins.
    """

    outcome: str
    count: int
    meaning: str
    share: float
    offset: float

    @property
    def label(self) -> str:
        return f"{self.count:,} {self.outcome}"


#: What "retry all" tries: what waits for an answer goes on by it, and by nothing else.
TO_RETRY = tuple(outcome for outcome in NEEDS_ATTENTION if outcome != "waiting")


@dataclass(frozen=True)
class CauseBox:
    """Records with one thing wrong, its remedy, and the buttons for it.

    :param open: how many of them still need attention.
    :param place: the step and field it concerns; may be empty.
    :param asked: they wait for a person's answer.
    """

    id: int
    outcome: str
    sentence: str
    how_to_fix: str
    place: str
    examples: str
    count: int
    open: int
    show_url: str
    asked: bool = False


@dataclass(frozen=True)
class EntryRow:
    """One record in a table.

    :param open: it still needs attention; a retry is offered.
    :param fixed: it needed attention in this run and no longer does.
    :param answer_url: where it waits for an answer, its question.
    """

    key: str
    title: str
    outcome: str
    reason: str
    how_to_fix: str
    place: str
    target_id: str
    open: bool
    fixed: bool
    run_url: str = ""
    answer_url: str = ""


@dataclass(frozen=True)
class Pager:
    """Where in a long list the page is; all numbers count from 1.

    :param things: what the list holds, one and many.
    """

    page: int
    total: int
    size: int = PAGE_SIZE
    things: tuple[str, str] = ("record", "records")

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return min(self.after + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.after + self.size, self.total)

    @property
    def after(self) -> int:
        return (self.page - 1) * self.size

    @property
    def words(self) -> str:
        if self.pages == 1:
            return plural(self.total, *self.things)
        return f"{self.first:,}–{self.last:,} of {self.total:,} {self.things[1]}"


def run_line(run: Run) -> RunLine:
    endpoint = "runs.show" if run.active else "reports.show"
    return RunLine(
        id=run.id,
        recipe=run.recipe,
        title=run.title,
        status=run.status,
        status_words=STATUS_WORDS[run.status],
        active=run.active,
        sentence=headline(run, now=viewer_now()),
        hint=redact(run.hint),
        origin=ORIGIN_WORDS[run.origin],
        asked=when(run.started_at or run.created_at),
        took=took(run.seconds) if run.finished_at else "",
        url=url_for(endpoint, run_id=run.id),
    )


def outcome_counts(run: Run) -> list[OutcomeCount]:
    """Return the run's outcomes that occurred, in the ledger's order."""
    total = sum(run.counts.values())
    counts: list[OutcomeCount] = []
    before = 0
    for outcome in OUTCOMES:
        count = run.counts.get(outcome, 0)
        if not count:
            continue
        counts.append(
            OutcomeCount(
                outcome=outcome,
                count=count,
                meaning=OUTCOME_WORDS[outcome],
                share=round(100 * count / total, 3),
                offset=round(100 * before / total, 3),
            )
        )
        before += count
    return counts


def attention_count(run: Run) -> int:
    return sum(run.counts.get(outcome, 0) for outcome in NEEDS_ATTENTION)


def keys_of_cause(store: Store, causes: Iterable[Gathered], id: int | None) -> list[str]:
    """Return the records of a cause that speaks for others; empty where its id stands for them all."""
    for one in causes:
        if one.cause.id == id and len(one.ids) > 1:
            return keys_of(store, one.ids)
    return []


def cause_box(run: Run, cause: Cause, *, still_open: int, show_url: str) -> CauseBox:
    return CauseBox(
        id=cause.id,
        outcome=cause.outcome,
        sentence=cause_sentence(run, cause),
        how_to_fix=redact(cause.how_to_fix),
        place=_place(cause.step, cause.field),
        examples=redact(", ".join(cause.examples)),
        count=cause.count,
        open=still_open,
        show_url=show_url,
        asked=cause.code == ASKED,
    )


def entry_row(entry: Entry, *, recipe: str, still_open: bool, run_url: str = "") -> EntryRow:
    waits = still_open and entry.code == ASKED
    return EntryRow(
        key=entry.key,
        title=redact(entry.title) or entry.key,
        outcome=entry.outcome,
        reason=redact(entry.reason or ""),
        how_to_fix=redact(entry.how_to_fix or ""),
        place=_place(entry.step or "", entry.field or ""),
        target_id=entry.target_id or "",
        open=still_open,
        fixed=entry.outcome in NEEDS_ATTENTION and not still_open,
        run_url=run_url,
        answer_url=url_for("questions.about", recipe=recipe, key=entry.key) if waits else "",
    )


def page_number(
    text: str | None,
    total: int,
    size: int = PAGE_SIZE,
    things: tuple[str, str] = ("record", "records"),
) -> Pager:
    """Return the pager for a page asked for in an address; anything odd is the nearest page."""
    page = int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 1
    pages = Pager(1, total, size).pages
    return Pager(min(max(page, 1), pages), total, size, things)


def teach_templates(app: Flask) -> None:
    """Give the templates the few names they share."""
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["OUTCOMES"] = OUTCOMES
    app.jinja_env.filters["said"] = said
    app.jinja_env.filters["number"] = lambda value: f"{value:,}"


def plural(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _place(step: str, field: str) -> str:
    parts = [f"field {field}"] if field else []
    parts += [f"step {step}"] if step else []
    return ", ".join(parts)
