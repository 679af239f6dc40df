"""An office beside a bell: what rings becomes parcels at the depot, by webhook."""

from typing import Any

import httpx2
import pytest

from engine.host import Host, build_host
from engine.recipe.model import Recipe
from engine.run.recipes.switching import switch_on
from engine.run.upkeep.duties import Works
from engine.run.webhooks.inbox import read_inboxes
from engine.sdk import Connector, Delivery, hookimpl
from engine.store.connections import save_connection
from engine.store.deliveries import add_deliveries
from engine.store.hooks import Hook, list_hooks
from engine.store.runs import Run, get_run
from tests.engine.run.bell import Bell, bell_account, bell_connector
from tests.engine.run.conftest import Office
from tests.engine.run.depot import Depot, depot_connector


class Porter:
    """Takes webhooks in, and has the runs carried out that the inbox asks for."""

    def __init__(self, office: Office, bell: Bell) -> None:
        self.office, self.bell = office, bell
        self.asked: list[int] = []

    @property
    def works(self) -> Works:
        office = self.office
        return Works(office.store, office.host, office.library, self.asked.append)

    @property
    def transports(self) -> dict[str, httpx2.BaseTransport]:
        return {"bell": httpx2.WSGITransport(app=self.bell)}

    def recipe(self, **given: Any) -> Recipe:
        """Write the recipe: each ring becomes a parcel."""
        steps = """
            - id: parcel
              use: depot.store_parcel
              with: {title: "{{ order.door }} {{ order.at }}"}
        """
        recipe = self.office.recipe(steps, **{"trigger_keys": "schedule: instant", **given})
        text = recipe.path.read_text("utf-8").replace("mill.", "bell.")
        recipe.path.write_text(text, "utf-8")
        return self.office.library.load(recipe.name)

    def switch_on(self, recipe: Recipe) -> Hook:
        office = self.office
        switch_on(office.store, office.host, recipe, now=office.clock(), transports=self.transports)
        return self.hook

    @property
    def hook(self) -> Hook:
        return list_hooks(self.office.store)[-1]

    def deliver(self, *what: Delivery | str) -> None:
        """Put deliveries into the inbox; a text is a ring's id."""
        delivered = [Delivery(f"e-{one}", key=one) if isinstance(one, str) else one for one in what]
        add_deliveries(self.office.store, self.hook.id, delivered, self.office.clock())

    def look(self) -> list[int]:
        """Let the duty look at the inboxes; return the runs it asked for."""
        before = len(self.asked)
        read_inboxes(self.works, self.office.clock())
        return self.asked[before:]

    def go(self) -> Run:
        """Look at the inboxes and carry out the one run that comes of it."""
        (run_id,) = self.look()
        office = self.office
        how = {**office.how, "transports": {**office.how["transports"], **self.transports}}
        office.go(run_id, transports=how["transports"])
        run = get_run(office.store, run_id)
        assert run is not None
        return run


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def host(mill: Any) -> Host:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [bell_connector(), depot_connector()]

    return build_host([Plugin()], strict=True)


@pytest.fixture
def porter(office: Office, bell: Bell, depot: Depot, monkeypatch: pytest.MonkeyPatch) -> Porter:
    monkeypatch.delenv("BRIDGEWORK_PUBLIC_URL", raising=False)
    save_connection(office.store, bell_account())
    return Porter(office, bell)
