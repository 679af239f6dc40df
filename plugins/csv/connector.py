"""The connector's value; its operations are in triggers.py and actions.py."""

from engine.sdk import Connector

connector = Connector(name="csv", title="CSV file")
