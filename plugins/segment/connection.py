"""How a connection to a Segment source is made and tested."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from engine.sdk import Context, Field, InputError, NotRequired, TypedDict

#: Where events go, by the workspace's region (documented).
HOSTS = {"us": "api.segment.io", "eu": "events.eu1.segmentapis.com"}


class Settings(TypedDict):
    """What a connection needs."""

    write_key: Annotated[
        str,
        Field(
            "Write key",
            "Segment: Connections, Sources, an HTTP API source, Settings, API keys.",
            secret=True,
        ),
    ]
    region: NotRequired[
        Annotated[
            Literal["us", "eu"],
            Field(
                "Region",
                "Where the workspace is kept: Settings, Workspace settings. What is sent to the "
                "wrong region vanishes without a word. `us` if not said.",
            ),
        ]
    ]
    source: NotRequired[
        Annotated[str, Field("Name of the source", "What to call it here; Segment doesn't tell.")]
    ]
    shared_secret: NotRequired[
        Annotated[
            str,
            Field(
                "Shared secret",
                "Of Segment's webhook destination, for recipes that events start.",
                secret=True,
            ),
        ]
    ]


def host(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Find the host of the workspace's region."""
    return {"host": HOSTS[str(settings.get("region") or "us")]}


def source(ctx: Context) -> str:
    """Reach the region with a batch of nothing, and return what the source is called here.

    More can't be tested: Segment takes events with any write key, and doesn't say whose it is.
    """
    try:
        ctx.http.post("/batch", json={"batch": []}, idempotent=True)
    except InputError:  # it answers, and may not like a batch of nothing: nobody says
        ctx.log.info("segment: a batch of nothing was refused")
    region = str(ctx.connection.get("region") or "us").upper()
    return f"{ctx.connection.get('source') or 'A source'} ({region})"
