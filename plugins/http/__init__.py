"""HTTP: any JSON API that there is no connector for; the recipe says where things are in it."""

from typing import Any

from engine.sdk import Connector, Examples, PracticeServer, hookimpl
from plugins.http import actions, batches, connection, files, samples, searches, triggers
from plugins.http.refusals import explain

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
connector.explain(explain)

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


@connector.practice
def practice(seed: int, **options: Any) -> PracticeServer:
    """Build a practice server."""
    from plugins.http.practice import PracticeApi  # here, because no run needs it

    return PracticeApi(seed, **options)


@connector.examples
def examples() -> Examples:
    from plugins.http.practice.examples import EXAMPLES

    return EXAMPLES


@hookimpl
def register_connectors() -> list[Connector]:
    """Offer the connector to Bridgework."""
    return [connector]
