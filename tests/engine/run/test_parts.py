"""A trigger that reads part by part is told which are done: those whose records are all settled."""

from collections.abc import Iterator
from typing import Any

import pytest

from engine.errors import RemoteError
from engine.host import Host, build_host
from engine.run.preview import preview
from engine.sdk import Connector, Context, PartRead, Record, hookimpl
from engine.store.runs import RunRequest
from tests.engine.run.depot import depot_connector


class Drawers:
    """Drawers full of records, each read once; what is read is taken away."""

    def __init__(self) -> None:
        self.full = {"a": ["1", "2"], "b": ["3"]}
        self.emptied: list[str] = []
        self.broken = ""
        self.connector = Connector(name="mill", title="Drawers")
        self.connector.trigger("Drawer", key="id", sample={"id": "1"})(self.order_changed)

    def order_changed(self, ctx: Context) -> Iterator[Record | PartRead]:
        """Read drawers."""
        unread = ctx.unread(list(self.full))
        for name, ids in self.full.items():
            if name in unread:
                yield from ({"id": id, "title": f"Order {id}", "colour": "red"} for id in ids)
            if name == self.broken:
                raise RemoteError("The drawer is stuck.")
            yield PartRead(name, lambda name=name: self.take_away(name))  # type: ignore[misc]

    def take_away(self, name: str) -> None:
        if name == "c":
            raise RemoteError("The drawer can't be moved.")
        self.emptied.append(name)


@pytest.fixture
def drawers() -> Drawers:
    return Drawers()


@pytest.fixture
def host(drawers: Drawers) -> Host:
    class Plugin:
        @hookimpl
        def register_connectors(self) -> list[Connector]:
            return [drawers.connector, depot_connector()]

    return build_host([Plugin()], strict=True)


def test_what_was_settled_is_not_read_again(office: Any, single: Any, drawers: Drawers) -> None:
    assert office.run(single).read == 3
    assert drawers.emptied == ["a", "b"]
    drawers.full["c"] = ["4"]
    assert office.outcomes(office.run(single)) == {"4": "created"}
    assert office.run(single, RunRequest(full=True)).read == 4


def test_what_was_cut_short_is_read_again(office: Any, single: Any, drawers: Drawers) -> None:
    drawers.broken = "b"
    assert office.run(single).status == "failed"
    assert drawers.emptied == []
    drawers.broken = ""
    run = office.run(single)
    assert run.read == 3
    assert drawers.emptied == ["a", "b"]
    assert office.run(single).read == 0


def test_a_preview_or_a_look_at_a_few_leaves_all_as_it_is(
    office: Any, single: Any, drawers: Drawers
) -> None:
    for _ in range(2):
        assert len(preview(office.store, office.host, single, **office.how).entries) == 3
    assert office.run(single, RunRequest(limit=2)).read == 2
    assert drawers.emptied == []
    assert office.run(single).read == 3
    assert preview(office.store, office.host, single, **office.how).entries == ()
    assert len(preview(office.store, office.host, single, full=True, **office.how).entries) == 3


def test_what_comes_then_may_fail_and_is_tried_again(
    office: Any, single: Any, drawers: Drawers
) -> None:
    drawers.full = {"c": ["1"], "d": ["2"]}
    assert office.run(single).status == "succeeded"
    assert drawers.emptied == ["d"]
    assert office.run(single).read == 0
    assert drawers.emptied == ["d", "d"]
