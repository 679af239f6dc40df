"""Connectors that are another version than recipes were written for: what that breaks, before it runs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from engine.drift.declared import DeclaredChange, declared_by, declared_changes
from engine.drift.looking import Hit, hits_of
from engine.drift.readings import readings
from engine.drift.shape import Path, read_path
from engine.errors import BridgeworkError, SetupError
from engine.host import Host
from engine.nouns import Noun
from engine.recipe.library import Library
from engine.recipe.model import Recipe
from engine.recipe.steps import Step, Use
from engine.store.database import Store
from engine.store.declarations import Declared, declarations_of, keep_declarations
from engine.store.notices import add_notice, close_notice


@dataclass(frozen=True)
class Impact:
    """One thing that a connector declares otherwise, and the places of recipes it concerns."""

    change: DeclaredChange
    hits: tuple[Hit, ...]

    @property
    def breaks(self) -> bool:
        return self.change.breaks and bool(self.hits)


@dataclass(frozen=True)
class Upgrade:
    """A connector that declares otherwise than was accepted.

    :param before: the version that was accepted; so ``now``. Both may be empty.
    """

    connector: str
    title: str
    before: str
    now: Declared
    impacts: tuple[Impact, ...]

    @property
    def breaks(self) -> bool:
        return any(impact.breaks for impact in self.impacts)

    def is_about(self, name: str) -> bool:
        """Return whether it concerns a recipe, or is this connector; an empty name is any."""
        hits = [hit for impact in self.impacts for hit in impact.hits]
        return name in ("", self.connector) or any(name in (h.recipe, h.title) for h in hits)

    @property
    def sentence(self) -> str:
        if self.before != self.now.version and self.now.version:
            earlier = f" from {self.before}" if self.before else ""
            return f"The connector {self.title} went{earlier} to {self.now.version}."
        return f"The connector {self.title} was changed."


def look_at_connectors(
    store: Store, host: Host, library: Library, now: Mapping[str, Declared] | None = None
) -> list[Upgrade]:
    """Return the connectors that declare otherwise than was accepted, with what that breaks.

    What breaks nothing is accepted at once; what is new here is kept to be compared with.

    :param now: what the connectors declare, where that is known by now.
    """
    now = now or declared_now(host)
    accepted = declarations_of(store)
    other = [
        name
        for name, one in now.items()
        if name not in accepted or accepted[name].operations != one.operations
    ]
    if not other:
        return []
    recipes = loaded(library)
    used = {use.use.value.partition(".")[0] for recipe in recipes for use in _uses(recipe)}
    found, fine = [], []
    for name in other:
        if name not in accepted:
            fine += [now[name]] if name in used else []
            continue
        before = accepted[name]
        impacts = impacts_of(before.operations, now[name], recipes, host)
        if any(impact.breaks for impact in impacts):
            title = host.connectors[name].title
            found.append(Upgrade(name, title, before.version, now[name], impacts))
        else:
            fine.append(now[name])
    if fine:
        keep_declarations(store, fine, datetime.now(UTC))
    return found


def declared_now(host: Host) -> dict[str, Declared]:
    """Return what the connectors that are here declare, by name."""
    return {name: declared_by(connector) for name, connector in host.connectors.items()}


def tell_of_upgrades(store: Store, found: Sequence[Upgrade]) -> None:
    """Let people hear which connectors hold back recipes, once while that is so."""
    with store.writing() as connection:
        for upgrade in found:
            titles = {h.title for one in upgrade.impacts if one.breaks for h in one.hits}
            changes = [one.change.sentence for one in upgrade.impacts if one.breaks]
            add_notice(
                connection,
                kind="fields_gone",
                about=_about(upgrade.connector),
                subject=f"{upgrade.sentence} It breaks {Noun.of('recipe').count(len(titles))}",
                body="\n".join([*changes, f"Held until then: {'; '.join(sorted(titles))}."]),
                link="/drift/",
            )


def accept_upgrades(store: Store, upgrades: Sequence[Upgrade]) -> None:
    """Let recipes run with what connectors declare now."""
    keep_declarations(store, [one.now for one in upgrades], datetime.now(UTC))
    with store.writing() as connection:
        for upgrade in upgrades:
            close_notice(connection, kind="fields_gone", about=_about(upgrade.connector))


def _about(connector: str) -> str:
    return f"connector:{connector}"


def check_connectors(store: Store, host: Host, recipe: Recipe, *, fails: bool = False) -> None:
    """Hold a recipe back whose connectors declare otherwise, where that breaks it.

    :param fails: ``check`` finds mistakes in it, so accepting the change alone would not help.
    :raises SetupError: saying what changed and where that hits the recipe.
    """
    used = {use.use.value.partition(".")[0] for use in _uses(recipe)}
    names = sorted(name for name in used if name in host.connectors)
    accepted = declarations_of(store, names)
    new = []
    for name in names:
        connector, before = host.connectors[name], accepted.get(name)
        if before is None:
            new.append(declared_by(connector))
            continue
        operations = {use.use.value for use in _uses(recipe)}
        earlier = {of: said for of, said in before.operations.items() if of in operations}
        now = declared_by(connector, earlier, with_version=False)
        if earlier == now.operations:
            continue
        impacts = [i for i in impacts_of(earlier, now, [recipe], host) if i.breaks]
        if impacts:
            upgrade = Upgrade(name, connector.title, before.version, declared_by(connector), ())
            hit = impacts[0].hits[0]
            hint = (
                f"Correct the recipe first: {_places(impacts)}. `bridgework check {recipe.path}` "
                f"says what is wrong with it, and `bridgework drift {name}` all that was changed."
                if fails
                else "Correct the recipe, or accept the change with `bridgework drift --accept "
                f"{name}`. `bridgework drift` shows all of it."
            )
            raise SetupError(
                f"{upgrade.sentence} {impacts[0].change.sentence} The recipe '{recipe.title}' is "
                f"held before it runs: step '{hit.step}', field '{hit.field}' needs it.",
                hint=hint,
            )
    if new:
        keep_declarations(store, new, datetime.now(UTC))


def _places(impacts: Sequence[Impact]) -> str:
    """Return where a recipe has to be corrected: ``step 'label', fields 'colour' and 'text'``."""
    fields: dict[str, dict[str, None]] = {}
    for hit in (hit for impact in impacts for hit in impact.hits):
        fields.setdefault(hit.step, {})[f"'{hit.field}'"] = None
    return "; ".join(
        f"step '{step}', {'field' if len(named) == 1 else 'fields'} {' and '.join(named)}"
        for step, named in fields.items()
    )


def impacts_of(
    before: Mapping[str, object], now: Declared, recipes: Sequence[Recipe], host: Host
) -> tuple[Impact, ...]:
    """Return what a connector declares otherwise, what breaks recipes first."""
    found = [
        Impact(change, tuple(hit for recipe in recipes for hit in _hits(recipe, host, change)))
        for change in declared_changes(before, now.operations)
    ]
    return tuple(sorted(found, key=lambda one: (not one.breaks, not one.hits)))


def _hits(recipe: Recipe, host: Host, change: DeclaredChange) -> Iterator[Hit]:
    path = read_path(change.path)
    if change.kind in ("no longer given", "gives another type"):
        sources = {source for one in readings(recipe) for source, _ in one.reads}
        for source in sources:
            if source.operation == change.operation:
                removed = change.kind == "no longer given"
                for hit in hits_of(recipe, host, (source, path), removed=removed):
                    # The recipe is held before it runs, so that no step gets to pause a field.
                    yield replace(hit, effect="held") if hit.effect == "paused" else hit
        return
    for use in _uses(recipe):
        if use.use.value != change.operation:
            continue
        field = _concerned(use, change, path)
        if field:
            yield Hit(
                recipe=recipe.name,
                title=recipe.title,
                file=str(recipe.path),
                line=0 if recipe.blueprint else use.use.position.line,
                step=use.id.value if isinstance(use, Step) else "trigger",
                field=field,
                effect="held" if change.breaks else "touched",
                words=change.operation,
            )


def _concerned(use: Use, change: DeclaredChange, path: Path) -> str:
    """Return which field of a step or trigger a change concerns; empty where none."""
    if change.kind == "operation gone":
        return "use"
    filled = [given for given in use.fields.values if given[: len(path)] == path]
    if change.kind == "now required":
        return "" if filled else change.path
    return ".".join(filled[0]) if filled else ""


def _uses(recipe: Recipe) -> Iterator[Use]:
    yield from recipe.triggers
    yield from recipe.uses


def loaded(library: Library) -> list[Recipe]:
    """Return the recipes of a folder that can be read; what is wrong with others is on their pages."""
    found = []
    for name in library.names():
        with suppress(BridgeworkError):
            found.append(library.load(name))
    return found
