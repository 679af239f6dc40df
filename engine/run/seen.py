"""What a run met so far: records settled before a crash, and records that come again."""

from collections import Counter

from engine.run import lookups
from engine.run import read as reading
from engine.run.plan import Plan
from engine.run.plan_steps import linking
from engine.run.traveller import Traveller
from engine.store.database import Store
from engine.store.ledger import SAME_KEY


class Seen:
    """Tells which of a chunk's records this run has met.

    :param latest_counts: every record tells the latest state, whether or not that has a time.
    """

    def __init__(self, store: Store, plan: Plan, run_id: int, *, latest_counts: bool) -> None:
        self._store, self._recipe, self._run_id = store, plan.recipe.name, run_id
        self._linking = linking(plan.steps)
        self._latest_counts = latest_counts
        #: Ledger rows from before the run was cut short, if it was: what is read again up to there
        #: is dropped. What was unchanged has no row: it is counted again.
        self._rows, self._repeats = Counter[str](), Counter[str]()

    def take_up(self) -> None:
        """Count what an earlier worker settled."""
        self._rows, self._repeats = lookups.rows_so_far(self._store, self._run_id)

    def part_from(self, chunk: list[Traveller], *, some_unchanged: bool) -> list[Traveller]:
        """Return a chunk without what was settled before a crash; note what came again since.

        :param some_unchanged: the run may have found records unchanged.
        """
        keys = [t.key for t in chunk]
        seen: dict[str, int | None] = {}
        if some_unchanged:
            seen.update(self._unchanged(keys))
        seen.update(lookups.keys_in_ledger(self._store, self._run_id, keys))
        if not (seen or self._rows or self._repeats):
            return chunk  # as almost always
        rest = []
        for traveller in chunk:
            if traveller.code != SAME_KEY and _take(self._rows, traveller.key):
                continue
            if traveller.key in seen and (self._latest_counts or traveller.outcome is None):
                self._meet_again(traveller, seen[traveller.key])
            if traveller.code == SAME_KEY and _take(self._repeats, traveller.key):
                continue
            rest.append(traveller)
        return rest

    def _unchanged(self, keys: list[str]) -> dict[str, None]:
        """Return which records this run found unchanged so far: no row, but the links tell."""
        found: dict[str, None] = {}
        for step in self._linking:
            links = lookups.links_of(self._store, self._recipe, step, keys)
            found |= {key: None for key, link in links.items() if link.run_id == self._run_id}
        return found

    def _meet_again(self, traveller: Traveller, row_id: int | None) -> None:
        """Deal with a record whose key this run settled a moment ago.

        It changed while it was read: the newer state travels and corrects what the ledger says. Or
        two records share a key: the second is reported.
        """
        if traveller.changed is None and not self._latest_counts:
            reading.repeat(traveller)
        else:
            traveller.met_before, traveller.row_id = True, row_id


def _take(counted: Counter[str], key: str) -> bool:
    """Return whether one is left of this key, and take it away."""
    if counted[key] <= 0:
        return False
    counted[key] -= 1
    return True
