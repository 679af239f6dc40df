"""Anything that can post to an address starts a recipe: forms, scripts, apps without a connector."""

from typing import Annotated, NotRequired

from engine.sdk import Connector, Examples, Field, TypedDict, hookimpl
from plugins.webhook import triggers


class Settings(TypedDict):
    """What a connection may hold; without a token or a signature none is needed."""

    secret: NotRequired[
        Annotated[
            str,
            Field(
                "Secret", "The token or the key that the sender proves itself with.", secret=True
            ),
        ]
    ]


connector = Connector(name="webhook", title="Webhook", settings=Settings)

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


@connector.examples
def examples() -> Examples:
    from plugins.webhook.examples import EXAMPLES

    return EXAMPLES


@hookimpl
def register_connectors() -> list[Connector]:
    """Offer the connector to Bridgework."""
    return [connector]
