"""A connection that is removed takes its webhooks along, while their vendor can still be told."""

from typing import Any

import pytest

from engine.run.connections.removing import forget_connection
from engine.run.recipes.switching import look_after_webhooks
from engine.store.connections import list_connections
from engine.store.switches import switches
from tests.engine.run.webhooks.test_switching import public

__all__ = ["public"]


def test_its_recipes_are_switched_off_and_their_webhooks_ended(
    porter: Any, bell: Any, public: str
) -> None:
    recipe = porter.recipe(trigger="rung")
    porter.switch_on(recipe)
    assert list(bell.hooks) == ["H1"]
    office = porter.office
    off = forget_connection(
        office.store, office.host, office.library, "bell", transports=porter.transports
    )
    assert off == [recipe.title]
    assert bell.hooks == {}
    assert switches(office.store) == {"parcels": False}
    assert "bell" not in {connection.name for connection in list_connections(office.store)}
    before = len(bell.requests)
    look_after_webhooks(porter.works, office.clock(), porter.transports)
    assert len(bell.requests) == before
    assert porter.hook.problem == ""


@pytest.mark.parametrize("name", ["nobody"])
def test_a_connection_that_is_not_there_changes_nothing(porter: Any, bell: Any, name: str) -> None:
    from engine.errors import SetupError

    office = porter.office
    with pytest.raises(SetupError, match="There is no connection called"):
        forget_connection(office.store, office.host, office.library, name)
