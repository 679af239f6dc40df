"""Values collected for a message: kept from the settling of their record to that of the message.

A value belongs to no message at first. Before a message is sent its values are bound to it, in a
transaction of their own: what is sent again after a crash is then the same message.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, func, or_, select, update

from engine.store.bulk import among, insert_rows
from engine.store.database import Store
from engine.store.tables import collected, links, open_problems

table = collected.c


@dataclass(frozen=True, kw_only=True)
class Collected:
    """A record's value for the message of a step.

    :param part: the key of an entry of a list; empty where it is the record's own.
    """

    step: str
    record_key: str
    part: str
    value: Any


@dataclass(frozen=True)
class Message:
    """Values that go out together.

    :param key: by which the report and the link table know it; no other ever has it.
    """

    key: str
    step: str
    values: Sequence[Any]


def put(store: Store, connection: Connection, recipe: str, found: Iterable[Collected]) -> None:
    """Keep values until their message is settled; of one record's the newest counts.

    It also takes the place of an older one in a message that was rejected, so that what is put
    right at the source puts the message right.
    """
    newest = {(one.step, one.record_key, one.part): store.vault.seal(one.value) for one in found}
    query = (
        select(table.id, table.step, table.record_key, table.part, table.message)
        .where(table.recipe == recipe, among(table.record_key, "keys"))
        .where(or_(table.message.is_(None), table.message.in_(_rejected(recipe))))
    )
    gone: list[dict[str, int]] = []
    corrected: dict[tuple[str, str, str], dict[str, Any]] = {}
    given = {"keys": [key for _, key, _ in newest]}
    for id, step, key, part, message in connection.execute(query, given).all():
        mine = step, key, part
        if mine not in newest:
            continue
        if message is None:
            gone.append({"own": id})
        else:
            corrected[mine] = {"own": id, "newest": newest[mine]}
    own = table.id == bindparam("own")
    if gone:
        connection.execute(delete(collected).where(own), gone)
    if corrected:
        changed = update(collected).where(own).values(value=bindparam("newest"))
        connection.execute(changed, list(corrected.values()))
    new = [(recipe, *place, value) for place, value in newest.items() if place not in corrected]
    insert_rows(connection, collected, ("recipe", "step", "record_key", "part", "value"), new)


def _rejected(recipe: str) -> Select[Any]:
    """Select the messages that were rejected before anything of them had gone out."""
    sent = select(links.c.step).where(
        links.c.recipe == recipe, links.c.record_key == open_problems.c.record_key
    )
    return select(open_problems.c.record_key).where(
        open_problems.c.recipe == recipe, open_problems.c.outcome == "rejected", ~sent.exists()
    )


def bind(store: Store, recipe: str, step: str, size: int) -> None:
    """Bind the values that belong to no message yet to messages of so many at most."""
    free = (
        select(table.id)
        .where(table.recipe == recipe, table.step == step, table.message.is_(None))
        .order_by(table.id)
        .limit(size)
    )
    while True:
        with store.reading() as connection:
            ids = list(connection.execute(free).scalars())
        if not ids:
            return
        with store.writing() as connection:
            # Ids are never used again, so neither is this key.
            connection.execute(
                update(collected)
                .where(table.recipe == recipe, table.step == step, table.message.is_(None))
                .where(table.id <= ids[-1])
                .values(message=f"{step}:{ids[0]}")
            )


def message_keys(store: Store, recipe: str, step: str | None = None) -> list[str]:
    """Return the messages that are not settled, the oldest first."""
    query = select(table.message).where(table.recipe == recipe, table.message.is_not(None))
    if step is not None:
        query = query.where(table.step == step)
    query = query.group_by(table.message).order_by(func.min(table.id))
    with store.reading() as connection:
        return list(connection.execute(query).scalars())


def get_message(store: Store, recipe: str, key: str) -> Message | None:
    query = (
        select(table.step, table.value)
        .where(table.recipe == recipe, table.message == key)
        .order_by(table.id)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    if not rows:
        return None
    return Message(key, rows[0].step, [store.vault.open(row.value) for row in rows])


def free_values(store: Store, recipe: str, step: str) -> dict[tuple[str, str], Any]:
    """Return the values that belong to no message yet, by record key and part."""
    query = (
        select(table.record_key, table.part, table.value)
        .where(table.recipe == recipe, table.step == step, table.message.is_(None))
        .order_by(table.id)
    )
    with store.reading() as connection:
        rows = connection.execute(query).all()
    return {(row.record_key, row.part): store.vault.open(row.value) for row in rows}


def forget(connection: Connection, recipe: str, messages: Collection[str]) -> None:
    """Delete the values of messages that are settled."""
    if messages:
        connection.execute(
            delete(collected).where(table.recipe == recipe, table.message.in_(messages))
        )


def forget_steps(store: Store, recipe: str, besides: Collection[str]) -> int:
    """Delete what was collected for steps that the recipe no longer has; return how much.

    Their messages need nobody's attention any more: nothing could ever send them.
    """
    gone = (table.recipe == recipe, table.step.not_in(besides))
    with store.reading() as connection:
        if connection.execute(select(table.id).where(*gone).limit(1)).first() is None:
            return 0
    messages = select(table.message).where(*gone, table.message.is_not(None))
    with store.writing() as connection:
        connection.execute(
            delete(open_problems).where(
                open_problems.c.recipe == recipe, open_problems.c.record_key.in_(messages)
            )
        )
        return connection.execute(delete(collected).where(*gone)).rowcount
