"""What every view works with: the open home, the connectors, the recipes and the worker."""

from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app, url_for

from engine.host import Host
from engine.public_address import public_link
from engine.recipe.library import Library
from engine.store.database import Store


class Queue(Protocol):
    """Whoever executes runs; see engine.run.durable.Worker."""

    def enqueue(self, run_id: int) -> None: ...


@dataclass(frozen=True)
class Site:
    store: Store
    host: Host
    library: Library
    worker: Queue | None

    def enqueue(self, run_id: int) -> None:
        if self.worker is not None:
            self.worker.enqueue(run_id)


def site() -> Site:
    """Return the site that the current request belongs to."""
    found: Site = current_app.extensions["bridgework"]
    return found


def outside_url(endpoint: str, **parts: Any) -> str:
    """Return a page's whole address, as it is given to other systems and to people elsewhere."""
    return public_link(url_for(endpoint, **parts)) or url_for(endpoint, _external=True, **parts)
