"""HTTP: any JSON API that there is no connector for; the recipe says where things are in it."""

from engine.sdk import Connector, hookimpl
from plugins.http import actions, batches, connection, files, refusals, samples, searches, triggers

connector = Connector(
    name="http",
    title="HTTP API",
    log_ins=connection.LOG_INS,
    base_url="{address}",
    settings=connection.Settings,
    public_only=True,
)
connector.url_values(connection.url_values)
connector.connection_limits(connection.limits)
connector.check(connection.answers)
connector.explain(refusals.explain)

connector.trigger(
    "Record in a list",
    key="key",
    cursor="changed_at",
    label="title",
    fetch=triggers.fetch_record,
    schema=triggers.fields,
    pasted="sample",
    lacks=triggers.lacks,
    sample=samples.RECORD,
)(triggers.record_listed)
connector.action("Send a request", noun="request", repeat=actions.repeat_of, sample=samples.ANSWER)(
    actions.send
)
connector.batch_action(
    "Send many in one request",
    size=batches.SIZE,
    noun="entry",
    repeat=batches.repeat_of,
    sample=samples.ENTRY,
)(batches.send_batch)
connector.action("Send a file", noun="file", repeat=actions.repeat_of, sample=samples.ANSWER)(
    files.send_file
)
connector.search("Look something up", sample=samples.FOUND)(searches.look_up)
connector.search("Download a file", noun="file", sample=samples.DOWNLOADED)(files.download_file)

connector.practice(f"{__name__}.practice:PracticeApi")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
