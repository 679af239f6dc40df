"""CSV files: rows in, rows out. `import csv` in here means Python's own module, as everywhere."""

from engine.sdk import Connector, Examples, hookimpl
from plugins.csv import actions, samples, triggers

connector = Connector(name="csv", title="CSV file")

connector.trigger(
    "Rows of a file", key="key", noun="row", sample=samples.ROW, schema=triggers.columns
)(triggers.row_read)
connector.batch_action(
    "Append rows to a file",
    size=actions.BATCH_SIZE,
    noun="row",
    find=actions.find_row,
    sample=samples.WRITTEN,
)(actions.append_rows)
connector.batch_action(
    "Add or update rows of a file",
    size=actions.BATCH_SIZE,
    noun="row",
    idempotent=True,
    sample=samples.WRITTEN,
)(actions.upsert_rows)


@connector.examples
def examples() -> Examples:
    from plugins.csv.examples import EXAMPLES

    return EXAMPLES


@hookimpl
def register_connectors() -> list[Connector]:
    """Offer the connector to Bridgework."""
    return [connector]
