"""Which version of its recipe a run is on, in words."""

from engine.store.database import Store
from engine.store.runs import Run, get_run
from engine.store.versions import version_numbers


def version_number(store: Store, run: Run) -> int:
    """Return the number of the recipe's version that a run is on."""
    return version_numbers(store, [run.version_id])[run.version_id]


def retried_on(store: Store, run: Run, retry_id: int) -> str:
    """Say which version a retry is on, and which one the run was on whose records it tries.

    :param retry_id: the new run.
    """
    retry = get_run(store, retry_id)
    if retry is None or retry.version_id == run.version_id:
        return f"It is tried again on the version it ran on, {version_number(store, run)}."
    return (
        f"It is tried again on the recipe as it is now, version {version_number(store, retry)}; "
        f"run {run.id} used version {version_number(store, run)}."
    )
