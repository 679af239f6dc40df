"""Webhooks: whatever is posted to an address starts a recipe, and steps post to others."""

from typing import Annotated, NotRequired

from engine.sdk import Connector, Field, TypedDict, hookimpl
from plugins.webhook import sending, triggers


class Settings(TypedDict):
    """What a connection may hold; without a token or a signature none is needed."""

    secret: NotRequired[
        Annotated[
            str,
            Field(
                "Secret",
                "The token or the key that a sender proves itself with, or that Bridgework signs with "
                "what it sends.",
                secret=True,
            ),
        ]
    ]
    address: NotRequired[
        Annotated[
            str,
            Field(
                "Address to send to",
                "Where steps post to, by https. Whoever knows it may often post there, so it is kept "
                "secret.",
                secret=True,
            ),
        ]
    ]


SENT = {"id": "5f0c2a7e", "status": 200, "answer": {"received": True}}

connector = Connector(name="webhook", title="Webhook", settings=Settings, public_only=True)
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


connector.action("Post JSON to an address", noun="event", idempotency_key=True, sample=SENT)(
    sending.send
)

connector.practice(f"{__name__}.practice:PracticeReceiver")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
