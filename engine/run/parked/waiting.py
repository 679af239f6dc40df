"""Records that wait for a time: parked like those that wait for an answer, and woken when it comes.

A parked record costs no thread and no place in a queue: it is settled as ``waiting``, its source is
kept, and its wait is a row in a table. The run that wakes it (engine.run.parked.after_wait) sends it through
the recipe again from that source: steps before the wait find that nothing changed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from engine.local_time import local_zone
from engine.run.traveller import Traveller
from engine.store import waits
from engine.store.database import Store
from engine.store.ledger import SAME_KEY, UNTIL
from engine.store.waits import Wait

BY_ITSELF = "Nothing needs to be done: it goes on by itself then."


class Waiter:
    """Keeps the waits of one run in step with its records.

    :param run_id: None in a preview, which writes nothing down.
    """

    def __init__(
        self, store: Store, recipe: str, run_id: int | None, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._recipe, self._run_id, self.clock = store, recipe, run_id, clock
        self._any: bool | None = None
        #: Nobody waits: a trial looks at what comes after the wait.
        self.at_once = False

    @property
    def previews(self) -> bool:
        return self._run_id is None

    def known(self, step: str, travellers: Sequence[Traveller]) -> dict[tuple[str, str], Wait]:
        """Return what these records waited for at a step before, by :func:`place_of`."""
        if not travellers or self.at_once:
            return {}
        keys = list({traveller.record or traveller.key for traveller in travellers})
        return waits.known_waits(self._store, self._recipe, step, keys)

    def park(self, step: str, traveller: Traveller, wait: Wait, until: str = "") -> None:
        """Let a record wait until its time has come.

        :param until: the time as it is said; default: as :func:`when` says it.
        """
        verb = "It would wait" if self.previews else "Waiting"
        traveller.end(
            "waiting",
            code=UNTIL,
            reason=f"{verb} until {until or when(wait.due_at, self.clock())}.",
            how_to_fix=BY_ITSELF,
            step=step,
        )
        traveller.waits += (wait,)

    def keep(self, connection: Connection, settled: Sequence[Traveller]) -> None:
        """Write down who waits, and forget the waits of records whose way led elsewhere.

        Part of the transaction that settles a chunk.
        """
        if self._run_id is None:
            return
        met = {wait.place: wait for traveller in settled for wait in traveller.waits}
        if self._any is None:
            self._any = waits.anything_waits(connection, self._recipe)
        if self._any:
            about = {t.key: t for t in settled if t.code != SAME_KEY}
            now = self.clock()
            gone = []
            for wait in waits.pending(connection, self._recipe, list(about)):
                if wait.place in met:
                    continue
                if about[wait.record_key].outcome not in ("rejected", "failed", "unsure"):
                    gone.append(wait.place)
                elif wait.state == "open" and wait.due_at <= now:
                    # It may come back to the step, and has waited long enough.
                    met[wait.place] = replace(wait, state="over")
            waits.forget(connection, self._recipe, gone)
        self._any = self._any or bool(met)
        waits.put(connection, self._recipe, self._run_id, met.values())


def place_of(traveller: Traveller) -> tuple[str, str]:
    """Return the record's key and, of an entry of a list, the entry's."""
    return (traveller.record, traveller.key) if traveller.record else (traveller.key, "")


def when(due: datetime, now: datetime, zone: tzinfo | None = None) -> str:
    """Return ``14:30``, ``3 March`` or ``3 March 2028``.

    Records that wait until the same day have one reason, and so one line in the report.
    """
    zone = zone or local_zone()
    local, today = due.astimezone(zone), now.astimezone(zone)
    if local.date() == today.date():
        return f"{local:%H:%M}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {local:%B}{year}"
