"""Segment: people, what they do and whom they belong to, sent to a source; events in by webhook."""

from engine.sdk import Basic, Connector, Rate, hookimpl
from plugins.segment import calls, connection, events, refusals, samples

connector = Connector(
    name="segment",
    title="Segment",
    # The write key is the user name, with no password (documented).
    auth=Basic(setting="write_key", key_alone=True),
    base_url="https://{host}/v1",
    settings=connection.Settings,
    limits=(Rate(1000, per=1),),  # what a workspace is asked to keep to (documented)
)
connector.explain(refusals.explain)
connector.url_values(connection.host)
connector.check(connection.source)

for title, noun, function in (
    ("Identify people", ("person", "people"), calls.identify),
    ("Track events", "event", calls.track),
    ("Put people into groups", ("person", "people"), calls.group),
    ("Record pages", "page", calls.page),
    ("Record screens", "screen", calls.screen),
    ("Join two ids of a person", ("person", "people"), calls.alias),
):
    connector.batch_action(
        title, size=calls.MOST_EVENTS, noun=noun, idempotency_key=True, sample=samples.SENT
    )(function)

connector.trigger(
    "Event received", key="messageId", label="type", noun="event", sample=samples.EVENT
)(events.event_received)
events.declare(connector)

connector.practice(f"{__name__}.practice:PracticeSegment")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
