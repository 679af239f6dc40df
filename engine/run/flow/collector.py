"""What records leave for messages to come: looked up, and kept with the records' outcomes."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.run import lookups
from engine.run.shape import Link
from engine.run.traveller import Traveller
from engine.store import collected
from engine.store.database import Store
from engine.store.ledger import NEEDS_ATTENTION


class Collector:
    """Keeps what the records of one run leave for messages.

    :param run_id: None in a preview, which writes nothing down.
    """

    def __init__(self, store: Store, recipe: str, run_id: int | None) -> None:
        self._store, self._recipe, self.run_id = store, recipe, run_id
        #: Messages under way, by their keys.
        self.under_way: set[str] = set()
        #: A trial: nothing was collected before.
        self.forgets = False
        self._noted: dict[str, dict[tuple[str, str], Any]] = {}

    def links(self, step: str, keys: Sequence[str]) -> dict[str, Link]:
        """Return what records left at a step before, by their keys."""
        if self.forgets or not keys:
            return {}
        return lookups.links_of(self._store, self._recipe, step, keys)

    def keep(self, connection: Connection, settled: Sequence[Traveller]) -> None:
        """Write down what was collected, and delete what went out.

        Part of the transaction that settles a chunk.
        """
        found = [one for traveller in settled for one in traveller.collected]
        if found:
            collected.put(self._store, connection, self._recipe, found)
        if self.under_way:
            over = {t.key for t in settled if t.outcome not in NEEDS_ATTENTION} & self.under_way
            collected.forget(connection, self._recipe, over)
            self.under_way -= over

    # -- a preview -----------------------------------------------------------------------------

    def note(self, travellers: Collection[Traveller]) -> None:
        """Remember what these would leave."""
        for one in (one for traveller in travellers for one in traveller.collected):
            self._noted.setdefault(one.step, {})[one.record_key, one.part] = one.value

    def noted(self, step: str) -> list[Any]:
        """Return what would go out next: what was left before, and what was noted."""
        before = collected.free_values(self._store, self._recipe, step)
        return [*(before | self._noted.get(step, {})).values()]
