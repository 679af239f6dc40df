"""What changed in other systems' answers, and which places of which recipes that concerns."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from engine.drift.differences import Difference
from engine.drift.leaving_out import can_do_without
from engine.drift.readings import Field, Reading, broken_by, readings
from engine.drift.replacing import corrected, replacement
from engine.drift.shape import Path, Shape, from_json, read_path, to_json, without, written
from engine.errors import BridgeworkError
from engine.host import Host
from engine.operations import Operation
from engine.recipe.library import Library
from engine.recipe.model import Recipe
from engine.recipe.steps import AnyStep, CallStep, Step, Steps, every_step
from engine.store.database import Store
from engine.store.shapes import Change, Source, accept_changes, changes_of, shapes_of

#: What webhooks deliver may look otherwise than what is read: it is known apart.
DELIVERED = " (webhook)"
#: What a change does to a place of a recipe: what it fills isn't sent, its records stop, or it
#: reads what is another now.
Effect = Literal["paused", "held", "touched"]


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A place of a recipe that reads what changed.

    :param file: where its text stands; ``line`` counts from 1, and is 0 where it isn't known.
    :param words: what reads the field there, e.g. ``matter.description``.
    :param corrected: the line as it would read with the field that is there instead; may be empty.
    """

    recipe: str
    title: str
    file: str
    line: int
    step: str
    field: str
    effect: Effect
    words: str
    corrected: str = ""

    @property
    def sentence(self) -> str:
        where = f"step '{self.step}', field '{self.field}'"
        if self.step == "skip":
            where = "the rules under `skip`"
        match self.effect:
            case "paused":
                return f"{where} is paused: the target keeps what it has."
            case "held":
                return f"{where} needs it: its records are held."
        return f"{where} reads it."


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One thing that is another than before.

    :param instead: the field that most likely takes its place; may be empty.
    """

    change: Change
    app: str
    instead: str = ""
    hits: tuple[Hit, ...] = ()

    @property
    def difference(self) -> Difference:
        change = self.change
        kind: Any = change.kind
        return Difference(change.path, kind, change.before, change.after)

    @property
    def sentence(self) -> str:
        return " ".join(filter(None, (self.difference.sentence, self.change.reason)))

    @property
    def breaks(self) -> bool:
        """Whether a recipe no longer does what it was written for."""
        return self.difference.breaks and bool(self.hits)

    @property
    def operation(self) -> str:
        return self.change.source.operation


def look(store: Store, host: Host, library: Library, name: str = "") -> list[Drift]:
    """Return what changed, what breaks recipes first.

    :param name: only of this recipe, connector or connection; default: all.
    """
    changes = changes_of(store)
    recipes = [*_loaded(library)]
    found = [*_described(store, host, recipes, changes)]
    if name:
        found = [one for one in found if _is_about(one, name)]
    return sorted(found, key=lambda one: (not one.breaks, not one.hits, one.change.found_at))


def accept(store: Store, accepted: Sequence[Drift]) -> None:
    """Take what is another now for the normal: what is paused for it goes on without it."""

    def left(shape: Mapping[str, Any], paths: Collection[str]) -> Mapping[str, Any]:
        return to_json(without(from_json(shape), [read_path(path) for path in paths]))

    accept_changes(store, [one.change for one in accepted], left)


def plain(source: Source) -> Source:
    """Return whose records a recipe means, be they read or delivered."""
    return source._replace(operation=source.operation.removesuffix(DELIVERED))


def hits_of(
    recipe: Recipe, host: Host, gone: Field, *, removed: bool, instead: Path | None = None
) -> Iterator[Hit]:
    """Yield the places of a recipe that read a field.

    :param removed: it can't be had any more; else it is another.
    :param instead: the field that may be read in its place.
    """
    found = readings(recipe)
    broken = [*broken_by(found, [gone])]
    lost = {(reading.step, reading.path) for reading, _, _ in broken}
    steps = dict(_steps(recipe.steps))
    for reading, _, words in broken:
        effect: Effect = "touched"
        if removed and reading.effect != "blank":
            own = {path for step, path in lost if step == reading.step}
            effect = "held"
            if reading.effect == "pauses":
                step = steps[reading.step]
                if can_do_without(step, _action(host, step), reading.path, own):
                    effect = "paused"
        line, text, path = _line(recipe, reading, words)
        yield Hit(
            recipe=recipe.name,
            title=recipe.title,
            file=path,
            line=line,
            step=reading.step,
            field=reading.field,
            effect=effect,
            words=words,
            corrected="" if instead is None else corrected(text, words, gone[1], instead),
        )


def _described(
    store: Store, host: Host, recipes: Sequence[Recipe], changes: Sequence[Change]
) -> Iterator[Drift]:
    kept = shapes_of(store, {change.source for change in changes})
    shapes = {source: from_json(one.shape) for source, one in kept.items()}
    added = {(one.source, read_path(one.path)) for one in changes if one.kind == "added"}
    for change in changes:
        path, source = read_path(change.path), change.source
        instead = None
        if change.kind == "removed":
            new = {field for of, field in added if of == source}
            instead = replacement(path, shapes.get(source, Shape()), new)
        hits: list[Hit] = []
        if change.kind != "added":
            for recipe in recipes:
                field = plain(source), path
                removed = change.kind == "removed"
                hits += hits_of(recipe, host, field, removed=removed, instead=instead)
        yield Drift(
            change=change,
            app=_app(host, source),
            instead="" if instead is None else written(instead),
            hits=tuple(hits),
        )


def _app(host: Host, source: Source) -> str:
    connector = host.connectors.get(source.operation.partition(".")[0])
    return source.operation if connector is None else connector.title


def _loaded(library: Library) -> Iterator[Recipe]:
    for name in library.names():
        with suppress(BridgeworkError):  # what is wrong with a recipe is on its page
            yield library.load(name)


def _is_about(one: Drift, name: str) -> bool:
    source = one.change.source
    told = (source.connection, source.operation, source.operation.partition(".")[0])
    return name in told or any(name in (hit.recipe, hit.title) for hit in one.hits)


def _steps(steps: Steps, calls: str = "") -> Iterator[tuple[str, AnyStep]]:
    """Yield all steps by their ids, those of calls too."""
    for step in every_step(steps):
        yield calls + step.id.value, step
        if isinstance(step, CallStep) and step.called is not None:
            yield from _steps(step.called.steps, f"{calls}{step.id.value}.")


def _action(host: Host, step: AnyStep) -> Operation | None:
    with suppress(BridgeworkError):  # the operation is gone, too
        return host.operation(step.use.value) if isinstance(step, Step) else None
    return None


def _line(recipe: Recipe, reading: Reading, words: str) -> tuple[int, str, str]:
    """Return the line that reads a field: its number, its text, and its file."""
    text, path = recipe.text, str(recipe.path)
    called = _called(recipe.steps, reading.step.split(".")[:-1])
    if called is not None:
        text, path = called
    if recipe.blueprint is not None:
        return 0, "", path  # its texts stand in the blueprint's file
    lines = text.splitlines()
    for part in reading.texts:
        number = part.position.line
        for offset, line in enumerate(lines[number - 1 : number + part.value.count("\n") + 1]):
            if words in line:
                return number + offset, line.strip(), path
    return reading.texts[0].position.line, "", path


def _called(steps: Steps, calls: Sequence[str]) -> tuple[str, str] | None:
    """Return text and file of the recipe that is called in the end."""
    found = None
    for id in calls:
        step = next((s for s in every_step(steps) if s.id.value == id), None)
        if not isinstance(step, CallStep) or step.called is None:
            return None
        steps, found = step.called.steps, (step.called.text, str(step.called.path))
    return found


def advice(one: Drift) -> str:
    """Return what to do about a change, in a sentence or two; empty where nothing needs be done."""
    if not one.breaks:
        return ""
    if one.difference.kind == "removed":
        # A likely name is a guess: somebody who knows the app has to say whether it is the same.
        other = (
            f"Read '{one.instead}' instead if it holds the same; else leave"
            if one.instead
            else "Leave"
        )
        return (
            f"{other} out what reads '{one.change.path}'. Once the recipe no longer reads it, or "
            "the field comes again, everything goes on by itself."
        )
    return "Look whether the recipe still says what you mean, then accept it as the new normal."
