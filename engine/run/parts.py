"""Parts of a source that are read once: a trigger says where one ends, and is told which are done.

For sources without a time of change, such as the files of a folder. A part counts as done when the
run that read it to its end has settled everything; what was cut short is read again.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from hashlib import blake2b
from typing import get_args, get_type_hints

from sqlalchemy import select

from engine.calls import guarded
from engine.errors import BridgeworkError
from engine.operations import Trigger
from engine.results import PartRead
from engine.run.plan import Plan
from engine.store.bulk import among
from engine.store.database import Store, upsert
from engine.store.tables import cursors

#: Begins the name under which a part stands among the cursors.
PREFIX = "part "
_DONE = select(cursors.c.trigger).where(among(cursors.c.trigger, "names"))


def reads_parts(trigger: Trigger) -> bool:
    """Say whether a trigger declares that it yields parts, so that what is done isn't read again."""
    hints = [get_type_hints(trigger.function).get("return")]
    for hint in hints:
        hints.extend(get_args(hint))
    return PartRead in hints


class Parts:
    """The parts of one trigger's source.

    :param identity: of the trigger and its parameters.
    :param full: everything is to be read, as if for the first time.
    """

    def __init__(self, store: Store, plan: Plan, identity: str, *, full: bool = False) -> None:
        self._store, self._recipe, self._full = store, plan.recipe.name, full
        self._identity = identity
        self._trigger, self._log = plan.trigger, plan.trigger_context.log
        self._read: list[PartRead] = []

    def unread(self, parts: Collection[str]) -> set[str]:
        """Return those of the parts that were not read to their end before."""
        if self._full or not parts:
            return set(parts)
        names = {self._name(part): part for part in parts}
        query = _DONE.where(cursors.c.recipe == self._recipe)
        with self._store.reading() as connection:
            done = connection.execute(query, {"names": list(names)}).scalars().all()
        return set(parts) - {names[name] for name in done}

    def ends(self, part: PartRead) -> None:
        """Take note that everything of a part was read, though not settled yet."""
        self._read.append(part)

    def settle(self, run_id: int) -> None:
        """Store that what was read is settled, too, and do what comes then."""
        now = datetime.now(UTC)
        rows = [
            {
                "recipe": self._recipe,
                "trigger": self._name(part),
                "value": now.isoformat(),
                "run_id": run_id,
                "updated_at": now,
            }
            for part in dict.fromkeys(one.part for one in self._read)
        ]
        if rows:
            with self._store.writing() as connection:
                upsert(connection, cursors, rows, update=["value", "run_id", "updated_at"])

        for one in self._read:
            if one.then is not None:
                self._do(one.then)

    def _do(self, then: Callable[[], None]) -> None:
        try:
            with guarded(self._trigger.connector, self._trigger.name):
                then()
        except BridgeworkError as error:  # the run did its work; next time there is another try
            self._log.warning("%s", error)

    def _name(self, part: str) -> str:
        found = blake2b(f"{self._identity}\n{part}".encode("utf-8", "replace"), digest_size=16)
        return PREFIX + found.hexdigest()
