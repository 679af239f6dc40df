"""The figures as Prometheus reads them: names, units, and few labels, none of them of a record."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from engine.backup.last import last_backup
from engine.http.counting import CALLS, RENEWALS, Tally
from engine.metrics.figures import Figures, read_figures
from engine.store.database import Store


def exposition(store: Store) -> bytes:
    """Return what a scrape reads: of the whole installation, and of this process."""
    return generate_latest(_registry(_Installation(store), _ThisProcess()))


def process_registry() -> CollectorRegistry:
    """Return what a worker without pages tells of itself."""
    return _registry(_ThisProcess())


def _registry(*collectors: Collector) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    ProcessCollector(registry=registry)
    return registry


class _ThisProcess(Collector):
    """What only this process knows: each worker has its own."""

    def collect(self) -> Iterable[Metric]:
        yield from _counted(
            CALLS,
            ("connector", "answer"),
            "bridgework_http_calls",
            "Requests to apps by connector and class of answer, since the process started.",
        )
        calls = CounterMetricFamily(
            "bridgework_http_call_seconds",
            "Seconds that these requests took, until the answer began.",
            labels=("connector", "answer"),
        )
        for labels, (_, seconds) in sorted(CALLS.read().items()):
            calls.add_metric(labels, seconds)
        yield calls
        yield from _counted(
            RENEWALS,
            ("app", "outcome"),
            "bridgework_token_renewals",
            "Renewals of access by app and outcome (renewed, refused, unreachable).",
        )


def _counted(
    tally: Tally, labels: tuple[str, ...], name: str, description: str
) -> Iterator[Metric]:
    family = CounterMetricFamily(name, description, labels=labels)
    for values, (times, _) in sorted(tally.read().items()):
        family.add_metric(values, times)
    yield family


@dataclass(frozen=True)
class _Installation(Collector):
    """What the database knows, of all workers together."""

    store: Store

    def collect(self) -> Iterable[Metric]:
        found = read_figures(self.store, datetime.now(UTC))
        info = {"version": version("bridgework"), "database": self.store.engine.dialect.name}
        yield _gauge(
            "info", "Always 1; its labels tell the version.", {tuple(info.values()): 1}, *info
        )
        yield from _runs(found)
        yield from _recipes(found)
        yield from _connections(found)
        yield from _letters(found)
        saved = last_backup(self.store.home)
        if saved is not None:
            yield _one(
                "last_backup_timestamp_seconds", "When the home was saved last.", _at(saved.made_at)
            )
            yield _one("last_backup_bytes", "How large that backup was.", saved.size)


def _runs(found: Figures) -> Iterator[Metric]:
    yield _one("workers", "Processes that take runs from the queue.", found.workers)
    yield _one("runs_queued", "Runs that wait for a worker or for their turn.", len(found.queued))
    yield _one("runs_running", "Runs under way.", len(found.running))
    yield _one(
        "oldest_queued_seconds",
        "How long the oldest queued run waits; 0 where none does.",
        _age(found, min(found.queued, default=None)),
    )
    yield _one(
        "longest_running_seconds",
        "How long the longest run under way takes by now; 0 where none does.",
        _age(found, min(found.running, default=None)),
    )
    yield _gauge(
        "runs_last_day",
        "Runs that ended within 24 hours, by how they ended.",
        found.recent.runs,
        *("recipe", "status"),
    )
    yield _gauge(
        "records_last_day",
        "Records of these runs, by what became of them.",
        found.recent.records,
        *("recipe", "outcome"),
    )
    yield _gauge(
        "longest_run_last_day_seconds",
        "How long the longest of these runs took.",
        _by_recipe(found.recent.longest),
        "recipe",
    )
    yield _gauge(
        "last_run_timestamp_seconds",
        "When a recipe's last run of this status ended.",
        {labels: _at(at) for labels, at in found.last_ends.items()},
        *("recipe", "status"),
    )


def _recipes(found: Figures) -> Iterator[Metric]:
    yield _gauge("recipe_on", "1 where it is switched on.", _by_recipe(found.switches), "recipe")
    yield _gauge(
        "recipe_paused",
        "1 where Bridgework itself switched it off, until a person switches it on.",
        _by_recipe(dict.fromkeys(found.paused, 1)),
        "recipe",
    )
    overdue: dict[str, float] = {}
    for name, plan in found.schedules.items():
        recipe = name.partition("/")[0]  # each of its triggers has a plan
        overdue[recipe] = max(overdue.get(recipe, 0.0), _age(found, plan.next_at))
    yield _gauge(
        "schedule_overdue_seconds",
        "For how long its next run should have begun; 0 where that is to come.",
        _by_recipe(overdue),
        "recipe",
    )
    yield _gauge(
        "records_open",
        "Records that need attention (rejected, failed, unsure), of all runs.",
        _by_recipe(found.problems),
        "recipe",
    )
    yield _gauge(
        "records_waiting",
        "Records that wait for a time.",
        _by_recipe({recipe: count for recipe, (count, _) in found.waits.items()}),
        "recipe",
    )
    yield _one("questions_open", "Questions and tasks that wait for people.", found.questions)


def _connections(found: Figures) -> Iterator[Metric]:
    labels = ("connection", "connector")
    yield _gauge(
        "connection_state",
        "1 for the state that a connection is in: working, untried, unreachable (it is tried "
        "again), broken (someone must connect it again).",
        {
            (one.name, one.connector, state): one.state == state
            for one in found.accounts
            for state in ("working", "unreachable", "broken", "untried")
        },
        *labels,
        "state",
    )
    yield _gauge(
        "connection_broken_seconds",
        "For how long it doesn't work; 0 where it does.",
        {(one.name, one.connector): _age(found, one.broken_since) for one in found.accounts},
        *labels,
    )


def _letters(found: Figures) -> Iterator[Metric]:
    yield _gauge(
        "webhooks_waiting",
        "What webhooks delivered and no run has taken.",
        _by_recipe({recipe: count for recipe, (count, _) in found.undelivered.items()}),
        "recipe",
    )
    yield _gauge(
        "oldest_webhook_seconds",
        "How long the oldest of that waits.",
        _by_recipe({recipe: _age(found, at) for recipe, (_, at) in found.undelivered.items()}),
        "recipe",
    )
    yield _gauge(
        "webhook_latency_seconds",
        "From a delivery to the end of the run that settled it, within an hour.",
        {
            (recipe, kind): value
            for recipe, seconds in found.webhooks.items()
            for kind, value in (("mean", sum(seconds) / len(seconds)), ("max", max(seconds)))
        },
        *("recipe", "of"),
    )
    for name, what, (count, oldest) in (
        ("events", "Events that other systems are still to be told of", found.outbox),
        ("notices", "Notices that people are still to be sent", found.notices),
    ):
        yield _one(f"{name}_waiting", f"{what}.", count)
        yield _one(
            f"oldest_{name}_seconds", f"{what}: how long the oldest waits.", _age(found, oldest)
        )


def _one(name: str, description: str, value: float) -> Metric:
    return _gauge(name, description, {(): value})


def _gauge(
    name: str, description: str, values: Mapping[Any, float], *labels: str
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"bridgework_{name}", description, labels=labels)
    for given, value in sorted(values.items()):
        family.add_metric([str(label) for label in given], float(value))
    return family


def _by_recipe(values: Mapping[str, float]) -> dict[tuple[str], float]:
    return {(recipe,): value for recipe, value in values.items()}


def _at(moment: datetime) -> float:
    return moment.timestamp()


def _age(found: Figures, since: datetime | None) -> float:
    """Return the seconds since then; 0 where there is no such moment, or it is to come."""
    return 0.0 if since is None else max(0.0, (found.now - since).total_seconds())
