"""``connectors`` with all that can be done with one: show it, test it."""

from engine.cli import connector_checks as connector_checks
from engine.cli import connector_new as connector_new
from engine.cli.connectors import connectors

__all__ = ["connectors"]
