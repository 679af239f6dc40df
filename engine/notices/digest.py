"""What the daily report says: what ran, what needs attention and why, what is fixed since."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from engine.public_address import report_path
from engine.redaction import redact
from engine.report import cause_sentence, gathered, moment, sentences
from engine.store.connections import list_connections
from engine.store.database import Store
from engine.store.ledger import Cause
from engine.store.notices import RECOVERY, Notice, list_notices
from engine.store.problems import open_causes
from engine.store.runs import Run, RunRequest, latest_runs, runs_finished
from engine.store.schedules import planned

#: Outcomes that a day's runs may be added up by. A record that needs attention is met again by
#: every run, so it is counted where it is open, not here.
ADDED_UP = ("created", "updated", "unchanged", "skipped")
CAME_OVER = ("created", "updated")

#: Entries shown of one kind; the pages have them all.
SHOWN = 12


@dataclass(frozen=True)
class Item:
    """One thing the report says.

    :param text: what happened, in one sentence.
    :param detail: what to do about it, or more about it; may be empty.
    :param path: of the page that shows it.
    """

    text: str
    detail: str = ""
    path: str = ""


@dataclass(frozen=True)
class Group:
    """What needs attention for one recipe, or apart from recipes where ``title`` says so."""

    title: str
    path: str
    items: tuple[Item, ...]
    more: int = 0


@dataclass(frozen=True)
class Digest:
    """A day in plain words.

    :param ran: one item a recipe that ran.
    :param fixed: what needed attention before and no longer does.
    :param came_over: records that were new or changed in the target.
    :param news: something came over, failed, was fixed or was told.
    """

    ran: tuple[Item, ...]
    attention: tuple[Group, ...]
    fixed: tuple[Item, ...]
    came_over: int
    news: bool

    @property
    def things(self) -> int:
        return sum(len(group.items) + group.more for group in self.attention)

    @property
    def headline(self) -> str:
        records = "1 record" if self.came_over == 1 else f"{self.came_over:,} records"
        came = f"{records} came over" if self.came_over else "No record came over"
        if not self.things:
            return f"{came}; nothing needs attention"
        need = "1 thing needs" if self.things == 1 else f"{self.things:,} things need"
        return f"{came}; {need} attention"


def digest_of(store: Store, since: datetime, until: datetime, zone: ZoneInfo) -> Digest:
    """Gather what happened between two moments, and what is open now.

    :param zone: to speak in.
    """
    now, last = until.astimezone(zone), latest_runs(store)
    by_recipe: dict[str, list[Run]] = {}
    for run in runs_finished(store, since, until):
        by_recipe.setdefault(run.recipe, []).append(run)
    told = [n for n in list_notices(store, limit=500) if since < n.at <= until]
    recovered = [Item(n.subject, path=n.link) for n in reversed(told) if n.kind in RECOVERY]
    fixed = [item for runs in by_recipe.values() if (item := _fixed(runs))] + recovered
    ran = tuple(_ran(runs) for runs in by_recipe.values())
    all_runs = [run for runs in by_recipe.values() for run in runs]
    came_over = sum(run.records.get(outcome, 0) for run in all_runs for outcome in CAME_OVER)
    failed = any(run.status in ("failed", "held") for run in all_runs)
    told_more = any(notice.kind != "report" for notice in told)
    return Digest(
        ran=ran + _left_out(store, last, since, until),
        attention=(*_standing(store, now), *_causes(store, last)),
        fixed=tuple(fixed),
        came_over=came_over,
        news=bool(came_over or fixed or failed or told_more),
    )


def _ran(runs: Sequence[Run]) -> Item:
    """Say what the runs of one recipe did together."""
    last = runs[-1]
    counts, messages = Counter[str](), Counter[str]()
    for run in runs:
        counts.update({name: run.counts.get(name, 0) for name in ADDED_UP})
        messages.update({name: run.messages.get(name, 0) for name in ADDED_UP})
    records = counts.total() - messages.total()
    # What needs attention stands above by cause; here it only keeps the rest from being "all".
    elsewhere = max(0, sum(run.read for run in runs) - records)
    together = replace(
        last,
        status="succeeded",
        origin="schedule",
        request=RunRequest(),
        read=records + elsewhere,
        counts={name: number for name, number in counts.items() if number},
        messages={name: number for name, number in messages.items() if number},
        fixed=0,
        message="",
        hint="",
    )
    said = sentences(together)
    if elsewhere and not counts["created"] and not counts["updated"]:
        said[0] = "Nothing came over; what needs attention stands above."
    ended_badly = [run for run in runs if run.status in ("failed", "held", "cancelled")]
    if ended_badly and not counts.total():
        said = []
    if ended_badly:
        number = len(ended_badly)
        which = "It" if len(runs) == 1 else f"{number} of {len(runs)} runs"
        words = {"failed": "could not run", "held": "was put on hold", "cancelled": "was stopped"}
        worst = ended_badly[-1]
        verb = words[worst.status] if len(runs) == 1 else "did not end well"
        said.append(f"{which} {verb}: {redact(worst.message)}")
    elif len(runs) > 1:
        said.insert(0, f"{len(runs)} runs.")
    path = report_path(last.id) if len(runs) == 1 else f"/recipes/{quote(last.recipe)}"
    return Item(last.title, " ".join(said), path)


def _left_out(
    store: Store, last: Mapping[str, Run], since: datetime, until: datetime
) -> tuple[Item, ...]:
    """Say which scheduled times passed without a run or found it late, and why."""
    return tuple(
        Item(
            last[recipe].title if recipe in last else recipe,
            redact(plan.note),
            f"/recipes/{quote(recipe)}",
        )
        for recipe, plan in planned(store).items()
        if plan.note and plan.noted_at is not None and since < plan.noted_at <= until
    )


def _fixed(runs: Sequence[Run]) -> Item | None:
    number, last = sum(run.fixed for run in runs), runs[-1]
    if not number:
        return None
    verb = "is" if number == 1 else "are"
    text = f"{last.source_noun.count(number)} that needed attention before {verb} fixed."
    return Item(f"{last.title}: {text}", path=f"/recipes/{quote(last.recipe)}")


def _standing(store: Store, now: datetime) -> list[Group]:
    """Return what stands apart from records: connections, failing and paused recipes, questions."""
    # Rejected records are told by their causes.
    notices = [n for n in list_notices(store, standing=True) if n.kind != "rejected_share"]
    items = [_stands(notice, now) for notice in reversed(notices)]
    told = {notice.about for notice in notices}
    items += [
        Item(f"The connection {one.name} doesn't work.", redact(one.problem), "/connections/")
        for one in list_connections(store)
        if one.problem and f"connection:{one.name}" not in told
    ]
    return [_shown("Connections, recipes and questions", "", items)] if items else []


def _stands(notice: Notice, now: datetime) -> Item:
    days = (now.date() - notice.at.astimezone(now.tzinfo).date()).days
    since = f" (since {moment(notice.at, now)})"
    if days > 1:
        since = f" (for {days} days)"
    first = notice.body.strip().split("\n")
    return Item(notice.subject + since, " ".join(first[:2]), notice.link)


def _causes(store: Store, last: Mapping[str, Run]) -> list[Group]:
    """Return the records that still need attention: one group a recipe, one item a cause."""
    by_recipe: dict[str, list[Cause]] = {}
    for found in open_causes(store):
        by_recipe.setdefault(found.recipe, []).append(found.cause)
    groups = []
    for recipe, causes in by_recipe.items():
        run, path = last.get(recipe), f"/recipes/{quote(recipe)}/problems/"
        items = [
            Item(
                cause_sentence(run, cause) if run else f"{cause.count:,} records: {cause.reason}",
                redact(cause.how_to_fix),
                f"{path}?cause={cause.id}",
            )
            for cause in gathered(causes)
        ]
        groups.append(_shown(run.title if run else recipe, path, items))
    return groups


def _shown(title: str, path: str, items: Sequence[Item]) -> Group:
    return Group(title, path, tuple(items[:SHOWN]), max(0, len(items) - SHOWN))
