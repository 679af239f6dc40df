"""What every view works with: the open home, the connectors, the recipes and the worker."""

from dataclasses import dataclass
from typing import Protocol

from flask import current_app

from engine.host import Host
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
