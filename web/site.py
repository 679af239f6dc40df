"""What every view works with: the open home, the connectors, the recipes and the worker."""

import os
from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app, url_for

from engine.host import Host
from engine.recipe.library import Library
from engine.store.database import Store

#: Where the pages are reached from outside, e.g. ``https://bridgework.firm.example``.
PUBLIC_URL_VARIABLE = "BRIDGEWORK_PUBLIC_URL"


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
    public = os.environ.get(PUBLIC_URL_VARIABLE, "").rstrip("/")
    if public:
        return public + url_for(endpoint, **parts)
    return url_for(endpoint, _external=True, **parts)
