"""What a connection to another system's address may hold."""

from typing import Annotated

from engine.sdk import Field, NotRequired, TypedDict


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
