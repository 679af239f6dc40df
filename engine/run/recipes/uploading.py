"""A file that a person uploads for a recipe: looked at, and put where the trigger reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from engine.calls import guarded
from engine.context import Context
from engine.drift.readings import readings, source_of
from engine.errors import SetupError
from engine.files import File
from engine.host import Host
from engine.operations import Trigger, Upload
from engine.parameters import named
from engine.recipe.model import Recipe
from engine.results import BadRecord
from engine.run.plan import open_plan
from engine.store.database import Store

#: Rows that are shown of a file, and looked at for mistakes.
SHOWN, LOOKED_AT = 8, 1000


@dataclass(frozen=True)
class Column:
    """A column of the file.

    :param used: whether the recipe reads it.
    """

    name: str
    title: str
    used: bool


@dataclass(frozen=True)
class Look:
    """What a file holds, before it is imported.

    :param missing: columns that the recipe reads and the file doesn't have.
    :param rows: the first of them, a text for each column.
    :param problems: what is wrong with some of the rows looked at, each with its place.
    :param looked_at: rows that were looked at; ``more`` may follow.
    """

    columns: tuple[Column, ...]
    missing: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[str, ...]
    looked_at: int
    more: bool


def upload_of(host: Host, recipe: Recipe) -> Upload | None:
    """Return how a recipe takes uploaded files; None where it takes none."""
    if recipe.further:
        return None
    trigger = host.operation(recipe.trigger.use.value)
    return trigger.upload if isinstance(trigger, Trigger) else None


def look_at(store: Store, host: Host, recipe: Recipe, file: File) -> Look:
    """Read the beginning of an uploaded file; nothing is imported.

    :raises BridgeworkError: it can't be read, or the recipe takes no files.
    """
    upload = _upload(host, recipe)
    needed = _needed(recipe)
    with open_plan(store, host, recipe, now=datetime.now(UTC)) as plan:
        ctx, given = plan.trigger_context, plan.trigger_parameters
        with guarded(plan.trigger.connector, plan.trigger.name):
            properties = _call(upload.schema, ctx, given, file)["properties"]
            records = list(islice(_call(upload.read, ctx, given, file), LOOKED_AT + 1))
    own = {"key", "line", "file_name"}
    columns = tuple(
        Column(name, str(part.get("title") or name), name in needed)
        for name, part in properties.items()
        if name not in own
    )
    looked_at = records[:LOOKED_AT]
    good = [record for record in looked_at if isinstance(record, dict)]
    return Look(
        columns=columns,
        missing=tuple(name for name in needed if name not in properties),
        rows=tuple(
            tuple(str(record.get(column.name, "")) for column in columns) for record in good[:SHOWN]
        ),
        problems=tuple(one.reason for one in looked_at if isinstance(one, BadRecord)),
        looked_at=len(looked_at),
        more=len(records) > LOOKED_AT,
    )


def take_in(store: Store, host: Host, recipe: Recipe, file: File) -> None:
    """Put an uploaded file where the recipe's next run reads it.

    :raises BridgeworkError: it can't be put there.
    """
    upload = _upload(host, recipe)
    with open_plan(store, host, recipe, now=datetime.now(UTC)) as plan:
        # Whoever may upload is trusted with the place that the recipe itself names.
        folders = replace(plan.trigger_context.folders, named=None)
        ctx = replace(plan.trigger_context, folders=folders)
        with guarded(plan.trigger.connector, plan.trigger.name):
            _call(upload.take, ctx, plan.trigger_parameters, file)


def _upload(host: Host, recipe: Recipe) -> Upload:
    upload = upload_of(host, recipe)
    if upload is None:
        raise SetupError(
            f"“{recipe.title}” takes no files.", hint="Its trigger reads something else."
        )
    return upload


def _needed(recipe: Recipe) -> list[str]:
    """Return the columns that the recipe reads and can't do without, in the order it reads them."""
    source = source_of(recipe.trigger, recipe.trigger.fields)
    read = (
        path[0]
        for reading in readings(recipe)
        for of, path in reading.reads
        if of == source and path and (of, path) in reading.surely
    )
    return list(dict.fromkeys(read))


def _call(function: Any, ctx: Context, given: Mapping[str, Any], file: File) -> Any:
    """Call one of the connector's functions with those of the parameters it names."""
    return function(ctx, file, **named(function, given))
