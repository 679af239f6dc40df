"""The hooks a plugin may implement; all of them."""

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from engine.connector import Connector

hookspec = pluggy.HookspecMarker("bridgework")
hookimpl = pluggy.HookimplMarker("bridgework")


@hookspec
def register_connectors() -> "list[Connector]":
    """Return the plugin's connectors. Called once, when Bridgework starts."""
    raise NotImplementedError
