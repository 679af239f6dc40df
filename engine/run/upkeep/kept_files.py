"""Files that nothing needs any more are deleted.

The rule: a file goes when it was neither saved nor opened for :data:`DAYS` days and no value kept
in the database names it: no record that needs attention, waits, or was collected, no question, no
delivery. Those values are encrypted, so they are all looked through; but only on a day on which
some file is old enough.
"""

import logging
import re
from datetime import UTC, datetime, timedelta

from engine.environment import whole_number
from engine.errors import SetupError
from engine.run.upkeep.duties import Works
from engine.store.database import Store
from engine.store.reseal import sealed_values
from engine.store.sealed import SEALED

log = logging.getLogger("bridgework.duties")

DAYS_VARIABLE = "BRIDGEWORK_KEEP_FILES_DAYS"
#: Days that a file is kept after it was last used.
DAYS = 30

_ID = re.compile(rb"[0-9a-f]{64}")


def sweep_files(works: Works) -> None:
    """Delete the files that were not used for long and that nothing names."""
    removed = sweep(works.store, datetime.now(UTC) - timedelta(days=keep_files_days()))
    if removed:
        log.info("%s files that nothing needs any more were deleted", removed)


def sweep(store: Store, before: datetime) -> int:
    """Delete files last used before a moment that nothing names; return how many."""
    store.files.clear_up()
    moment = before.timestamp()
    unused = store.files.unused_since(moment)
    if not unused:
        return 0
    named = _named(store, unused)
    for id in named:
        store.files.keep_on(id)
    return sum(store.files.remove(id, moment) for id in unused - named)


def keep_files_days() -> int:
    """Return how many days files are kept after their last use.

    :raises SetupError: the setting is no number of days.
    """
    return whole_number(DAYS_VARIABLE, DAYS, "days")


def _named(store: Store, ids: set[str]) -> set[str]:
    """Return those of the files that something kept in the database names."""
    found: set[str] = set()
    for column in SEALED:
        for batch in sealed_values(store, column):
            for *_, sealed in batch:
                try:
                    opened = store.vault.open_bytes(sealed)
                except SetupError:  # sealed with a lost key: nobody will read it
                    continue
                found.update(match.decode() for match in _ID.findall(opened))
    return found & ids
