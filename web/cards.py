"""Recipes at a glance: what each bridges, whether it is on, sound, and when it ran and will run."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import abort

from engine.errors import BridgeworkError
from engine.host import Host
from engine.nouns import Noun
from engine.operations import PERSON, Operation
from engine.recipe.findings import Finding
from engine.recipe.model import Recipe, TriggerUse
from engine.recipe.nouns import noun_of_use
from engine.recipe.schedule.schedule import is_instant
from engine.recipe.suggest import nearest
from engine.redaction import redact
from engine.report.coming import coming
from engine.store.connections import list_connections
from engine.store.ledger import open_counts
from engine.store.runs import Run, active_runs, latest_runs
from engine.store.schedules import Planned, planned
from engine.store.switches import paused_recipes, switches
from engine.store.waits import waiting_counts
from web.findings import FindingNote, finding_note
from web.pages import RunLine, plural, run_line
from web.site import Site
from web.times import When, when


@dataclass(frozen=True)
class Lacking:
    """A connection that a recipe names and nobody has added yet.

    :param app: the connector's name; ``title`` is the app's.
    :param near: a connection there is whose name is much like it, so that it may be misspelt.
    """

    name: str
    app: str
    title: str
    near: str


@dataclass(frozen=True, kw_only=True)
class RecipeCard:
    """One recipe, ready for a template.

    :param route: from what to what, e.g. ``("Clio matters", "Case Status cases")``.
    :param findings: what is wrong with it; it can't run while there are any.
    :param lacking: the connections it needs that there are not.
    :param trouble: why the file can't even be read.
    :param schedule: in words.
    :param timed: it runs by the clock, and not only when asked or told.
    :param instant: it runs when a webhook tells of something.
    :param next: when it runs next by itself; None where it doesn't.
    :param coming: its next runs, or those it would have if it were on: moment and words.
    :param note: why its last scheduled run was late or left out, and since when it is so.
    :param paused: why Bridgework switched it off.
    :param active: the id of its run that is queued or running.
    :param open: records that need attention.
    :param waiting: how many wait for a time to come, and when the first of them goes on.
    :param noun: what they are called.
    """

    name: str
    title: str
    description: str = ""
    route: tuple[str, str] | None = None
    enabled: bool = False
    findings: tuple[FindingNote, ...] = ()
    lacking: tuple[Lacking, ...] = ()
    trouble: str = ""
    schedule: str = ""
    timed: bool = False
    instant: bool = False
    next: When | None = None
    coming: tuple[tuple[When, str], ...] = ()
    note: str = ""
    noted: When | None = None
    paused: str = ""
    last: RunLine | None = None
    active: int | None = None
    open: int = 0
    waiting: tuple[int, When] | None = None
    noun: Noun = field(default_factory=Noun)

    @property
    def held(self) -> bool:
        """Whether its last run held what was new, for a person to let through."""
        return self.last is not None and self.last.status == "held" and not self.active

    @property
    def broken(self) -> bool:
        return bool(self.findings or self.trouble)

    @property
    def in_use(self) -> bool:
        """Whether it is on, or ran before."""
        return bool(self.enabled or self.paused or self.active or self.last)

    def tells_of(self, search: str) -> bool:
        """Whether its words hold each of the words looked for."""
        told = " ".join((self.name, self.title, self.description, *(self.route or ()))).casefold()
        return all(word in told for word in search.casefold().split())

    @property
    def unconnected(self) -> bool:
        """Whether nothing is wrong but that an app isn't connected yet."""
        return {note.code for note in self.findings} == {"unknown-connection"} and not any(
            lack.near for lack in self.lacking
        )

    @property
    def to_do(self) -> bool:
        """Whether it only waits to be set up: nothing to be alarmed about while it is off."""
        return self.unconnected and not self.enabled

    @property
    def mistakes(self) -> str:
        if self.trouble:
            return "It can't be read."
        if self.unconnected:
            apps = " and ".join(
                f"{lack.title} (“{lack.name}”)" if lack.name != lack.app else lack.title
                for lack in self.lacking
            )
            return f"Before it can run, {apps} must be connected."
        return f"{plural(len(self.findings), 'mistake', 'mistakes')} in it; it can't run."

    @property
    def attention(self) -> str:
        return f"{self.noun.count(self.open)} {'needs' if self.open == 1 else 'need'} attention"

    @property
    def waits(self) -> str:
        if self.waiting is None:
            return ""
        count, _ = self.waiting
        return f"{self.noun.count(count)} {'waits' if count == 1 else 'wait'} for a time to come"


@dataclass(frozen=True)
class Loaded:
    """A recipe as far as it could be read: either there is one, or it is known why not."""

    recipe: Recipe | None
    findings: tuple[Finding, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class _Known:
    """What the home holds of all recipes, read once a page."""

    enabled: Mapping[str, bool]
    paused: Mapping[str, str]
    plans: Mapping[str, Planned]
    last: Mapping[str, Run]
    active: Mapping[str, Run]
    open: Mapping[str, int]
    waiting: Mapping[str, tuple[int, datetime]]
    connections: Collection[str]


def recipe_cards(site: Site) -> list[RecipeCard]:
    """Return a card for every recipe in the folder."""
    known = _known(site)
    return [_card(site, name, known) for name in site.library.names()]


def recipe_card(site: Site, name: str) -> RecipeCard:
    return _card(site, name, _known(site))


def name_or_404(site: Site, name: str) -> str:
    """Return ``name`` if it is a recipe's; an address never becomes a path."""
    return name if name in site.library.names() else abort(404)


def any_name_or_404(site: Site, name: str) -> str:
    """Return ``name`` if it is that of a recipe which runs, or of one which others call."""
    return name if name in site.library.everything() else abort(404)


def connection_names(site: Site) -> list[str]:
    return [connection.name for connection in list_connections(site.store)]


def load_and_check(site: Site, name: str, connections: Collection[str]) -> Loaded:
    """Read a recipe and look it over; nothing it holds can raise."""
    try:
        findings = site.check(site.library.path(name), connections)
    except BridgeworkError as error:
        return Loaded(None, (), str(error))
    return Loaded(_loaded(site, name), findings)


def loaded_recipes(site: Site) -> list[Recipe]:
    """Return the recipes that can be read."""
    found = [_loaded(site, name) for name in site.library.names()]
    return [recipe for recipe in found if recipe is not None]


def _loaded(site: Site, name: str) -> Recipe | None:
    try:
        return site.library.load(name)
    except BridgeworkError:
        return None


def _known(site: Site) -> _Known:
    return _Known(
        enabled=switches(site.store),
        paused=paused_recipes(site.store),
        plans=planned(site.store),
        last=latest_runs(site.store),
        active=active_runs(site.store),
        open=open_counts(site.store),
        waiting=waiting_counts(site.store),
        connections=connection_names(site),
    )


def _card(site: Site, name: str, known: _Known) -> RecipeCard:
    loaded = load_and_check(site, name, known.connections)
    recipe, run, active = loaded.recipe, known.last.get(name), known.active.get(name)
    plan = known.plans.get(name)
    waiting = known.waiting.get(name)
    card = RecipeCard(
        name=name,
        title=recipe.title if recipe else _written_title(site, name),
        enabled=known.enabled.get(name, False),
        findings=tuple(finding_note(finding) for finding in loaded.findings),
        trouble=loaded.trouble,
        last=run_line(run) if run else None,
        active=active.id if active else None,
        open=known.open.get(name, 0),
        waiting=(waiting[0], when(waiting[1])) if waiting else None,
        noun=run.source_noun if run else Noun(),
        note=plan.note if plan else "",
        noted=when(plan.noted_at) if plan and plan.noted_at else None,
        paused=redact(known.paused.get(name, "")),
    )
    if recipe is None:
        return card
    card = replace(card, lacking=_lacking(recipe, site.host, known.connections))
    return _with_plan(card, recipe, site.host, plan)


def _with_plan(card: RecipeCard, recipe: Recipe, host: Host, plan: Planned | None) -> RecipeCard:
    """Add what only a recipe that can be read tells."""
    card = replace(card, description=recipe.description, route=_route(recipe, host))
    try:
        runs = coming(recipe, plan, datetime.now(UTC))
    except ValueError:  # the findings say so
        return card
    card = replace(card, schedule=runs.schedule, timed=runs.timed)
    card = replace(card, instant=any(is_instant(use.schedule.value) for use in recipe.triggers))
    if card.broken or not runs.times:
        return card
    zone = ZoneInfo(recipe.trigger.timezone.value)
    times = [when(at, zone) for at in runs.times]
    return replace(
        card,
        coming=tuple(zip(times, runs.words, strict=True)),
        next=times[0] if card.enabled else None,
    )


def _lacking(recipe: Recipe, host: Host, there: Collection[str]) -> tuple[Lacking, ...]:
    """Return the connections it names that there are not, each once, in the recipe's order."""
    found: dict[str, Lacking] = {}
    for use in (*recipe.triggers, *recipe.uses):
        app = use.use.value.partition(".")[0]
        connector = host.connectors.get(app)
        name = use.connection.value if use.connection else app
        if connector is None or name in there or name == PERSON:
            continue
        if connector.needs_connection or (use.connection and connector.may_have_connection):
            found.setdefault(name, Lacking(name, app, connector.title, nearest(name, there) or ""))
    return tuple(found.values())


def _written_title(site: Site, name: str) -> str:
    """Return the name that a recipe's text gives it, though the rest can't be read."""
    try:
        text = site.library.path(name).read_text("utf-8", errors="replace")
    except (OSError, BridgeworkError):
        return name
    found = re.search(r"^name: *[\"']?([^\"'\n]+)", text, re.MULTILINE)
    return found[1].strip() if found else name


def _route(recipe: Recipe, host: Host) -> tuple[str, str] | None:
    """Say what the recipe bridges, in the connectors' own nouns; None while it can't be told."""
    try:
        sources = [_source(use, host) for use in recipe.triggers]
        target = host.operation(recipe.uses[-1].use.value)
        return " and ".join(dict.fromkeys(sources)), _end(target, target.noun, host)
    except (BridgeworkError, IndexError):
        return None


def _source(use: TriggerUse, host: Host) -> str:
    trigger = host.operation(use.use.value)
    return _end(trigger, noun_of_use(use, trigger), host)


def _end(operation: Operation, noun: Noun, host: Host) -> str:
    return f"{host.connector(operation.connector).title} {noun.many}"
