"""``connectors`` with all that can be done with one: write one, show it, test it, try it."""

from engine.cli import connector_checks as connector_checks
from engine.cli import connector_docs as connector_docs
from engine.cli import connector_impact as connector_impact
from engine.cli import connector_new as connector_new
from engine.cli import connector_try as connector_try
from engine.cli.connectors import connectors

__all__ = ["connectors"]
