"""CSV files: rows in, rows out. `import csv` in here means Python's own module, as everywhere."""

from engine.sdk import Connector, hookimpl
from plugins.csv import actions, attached, connection, samples, triggers, uploads, watched

connector = Connector(name="csv", title="CSV file", settings=connection.Settings)
connector.check(connection.check)

connector.trigger(
    "Rows of a file",
    key="key",
    noun="row",
    sample=samples.ROW,
    schema=triggers.columns,
    complete={"": triggers.without_column},
    upload=uploads.ONE_FILE,
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


connector.trigger(
    "Rows of new files in a folder",
    key="key",
    noun="row",
    sample=samples.ROW_OF_NEW_FILE,
    schema=watched.columns_of_new_file,
    complete={"": watched.without_column},
    upload=uploads.INTO_FOLDER,
)(watched.row_of_new_file)
connector.trigger(
    "New file in a folder", key="key", label="name", noun="file", sample=samples.NEW_FILE
)(watched.file_added)
connector.search(
    "Rows of an attached file",
    noun="file",
    sample=samples.ROWS_OF_FILE,
    complete={"rows[]": attached.without_column},
)(attached.rows_of_file)
connector.action("Save a file", noun="file", idempotent=True, sample=samples.SAVED)(
    attached.save_file
)

connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
