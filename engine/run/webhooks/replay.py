"""Sending deliveries through again: those that failed, and requests that could not be read then."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.errors import BridgeworkError
from engine.host import Host
from engine.run.webhooks.incoming import as_kept, declaration, read_request
from engine.store.database import Store
from engine.store.deliveries import RawRequest, raw_requests, replace_raw, send_again
from engine.store.hooks import get_hook


@dataclass(frozen=True)
class Replayed:
    """What became of deliveries that a person sends through again.

    :param waiting: wait for the recipe's next run now.
    :param unreadable: requests that their connector still can't read.
    """

    waiting: int
    unreadable: int


def send_through_again(
    store: Store, host: Host, *, ids: Sequence[int] = (), recipe: str | None = None
) -> Replayed:
    """Let deliveries wait for a run once more: these ones, or all that failed.

    :param recipe: only those of this recipe.
    """
    waiting = unreadable = 0
    for raw in raw_requests(store, ids=ids, recipe=recipe):
        found = _read(store, host, raw)
        if found is None:
            unreadable += 1
        else:
            waiting += found
    waiting += send_again(store, ids=ids, recipe=recipe, failed=not ids)
    return Replayed(waiting, unreadable)


def _read(store: Store, host: Host, raw: RawRequest) -> int | None:
    """Return how many deliveries a request held; None where it still can't be read."""
    hook = get_hook(store, raw.hook_id)
    if hook is None:
        return None
    try:
        connector, declared = declaration(host, hook.trigger)
        delivered = read_request(connector, declared, as_kept(raw.request), hook.parameters)
    except BridgeworkError:
        return None
    return replace_raw(store, raw, delivered, datetime.now(UTC))
