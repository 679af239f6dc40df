"""The module ``samples.py`` of a new connector: one record of each of its operations."""

from collections.abc import Container
from typing import Any

from engine.fields import Record, Schema
from engine.scaffold.design import Design, Kind, Sending
from engine.scaffold.imports import module
from engine.scaffold.layout import Glued, laid_out, literal
from engine.scaffold.names import snake
from engine.scaffold.rows import sent_by, stock
from engine.scaffold.samples import record_of, value_of


def samples_text(design: Design) -> str:
    """Return ``samples.py``: one record of each operation."""
    parts = [
        laid_out(Glued(f"{name}: Record = ", literal(sample)))
        for name, sample in samples(design).items()
    ]
    return module(
        "One record of each operation, shown before there is a connection.", "\n\n".join(parts)
    )


def samples(design: Design) -> dict[str, Record]:
    """Return a record for each kind, and for each action that answers something of its own."""
    found = {sample_name(kind): stock(kind)[0] for kind in design.kinds}
    for one in design.sendings:
        if one.kind is None or one.answer is None:
            found[sample_name(one)] = static_answer(one)
        elif one.answer.get("properties") != one.kind.schema.get("properties"):
            found[sample_name(one)] = record_of(one.answer, 0)
    return found


def sample_of(known: Container[str], one: Sending) -> str:
    """Return the name of an action's sample.

    :param known: the samples there are.
    """
    own = sample_name(one)
    return own if own in known or one.kind is None else sample_name(one.kind)


def sample_name(one: Kind | Sending) -> str:
    return snake(one.shelf if isinstance(one, Kind) else one.name).strip("_").upper()


def static_answer(sending: Sending) -> Record:
    """Return what an action answers whose record the practice server doesn't keep."""
    if sending.answer is not None:
        return record_of(sending.answer, 0) or {"done": True}
    paths = [one for one in sending.inputs if one.place == "path"]
    shown: Record = {one.argument: _shown(one.schema, one.example, one.name) for one in paths}
    return shown | sent_by(sending) or {"done": True}


def _shown(schema: Schema, example: Any, name: str) -> Any:
    return example if example is not None else value_of(schema, name, 0)
