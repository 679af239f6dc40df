"""CSV files: rows in, rows out. `import csv` in here means Python's own module, as everywhere."""

from engine.sdk import Connector, hookimpl
from plugins.csv import actions, triggers  # noqa: F401 - importing declares the operations
from plugins.csv.connector import connector


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
