"""Webhooks: whatever is posted to an address starts a recipe, and steps post to others."""

from engine.sdk import Connector, hookimpl
from plugins.webhook import connection, sending, triggers

connector = Connector(
    name="webhook", title="Webhook", settings=connection.Settings, public_only=True
)
connector.explain(sending.explain)

connector.trigger(
    "JSON or a form, posted to an address",
    key="id",
    label="title",
    noun="message",
    sample=triggers.SAMPLE,
    schema=triggers.fields,
)(triggers.received)

hook = connector.webhook(
    triggers.received,
    secret_setting="secret",  # noqa: S106 - the setting's name
    instructions="Give this address to whatever shall post here; it is secret.",
)
hook.signed(triggers.proof)
hook.deliveries(triggers.deliveries)


connector.action(
    "Post JSON to an address", noun="event", idempotency_key=True, sample=sending.SENT
)(sending.send)

connector.practice(f"{__name__}.practice:PracticeReceiver")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
