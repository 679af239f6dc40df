"""What is sent to Segment: who people are, what they do, where they belong. In batches."""

from typing import Annotated, Any

from engine.sdk import Context, Field, NotRequired, RowResult, TypedDict
from plugins.segment.batches import send

#: Events of one request (documented): of more, all are dropped though the answer is 200.
MOST_EVENTS = 2500

UserId = Annotated[
    str, Field("User id", "What the person is known by in your systems, for ever: no address.")
]
AnonymousId = Annotated[
    str, Field("Anonymous id", "Of somebody not known yet; a user id or this is needed.")
]
When = Annotated[
    str,
    Field(
        "Time",
        "When it happened; without a zone, UTC is meant. Left out, it is when Segment hears of it.",
        format="date-time",
    ),
]
Extra = Annotated[
    dict[str, Any], Field("Context", "What is known around it, e.g. `ip` or `locale`.")
]
Targets = Annotated[
    dict[str, Any],
    Field("Integrations", "Which destinations get it: `All: no`, `Mixpanel: yes`. Mind capitals."),
]
Properties = Annotated[dict[str, Any], Field("Properties", "What is to be known of it, by name.")]


class Common(TypedDict):
    """What every call may have."""

    user_id: NotRequired[UserId]
    anonymous_id: NotRequired[AnonymousId]
    timestamp: NotRequired[When]
    context: NotRequired[Extra]
    integrations: NotRequired[Targets]


class Identify(Common):
    """A person, and what is known of them."""

    traits: NotRequired[
        Annotated[dict[str, Any], Field("Traits", "E.g. `email`, `name`, `phone`, by name.")]
    ]


class Track(Common):
    """Something that a person did."""

    event: Annotated[str, Field("Event", "What happened, e.g. `Matter Opened`.")]
    properties: NotRequired[Properties]


class Group(Common):
    """A group that a person belongs to, e.g. a company."""

    group_id: Annotated[str, Field("Group id", "What the group is known by in your systems.")]
    traits: NotRequired[
        Annotated[dict[str, Any], Field("Traits", "Of the group, e.g. `name` or `industry`.")]
    ]


class Page(Common):
    """A page that a person looked at."""

    name: NotRequired[Annotated[str, Field("Name of the page")]]
    category: NotRequired[Annotated[str, Field("Category of the page")]]
    properties: NotRequired[
        Annotated[dict[str, Any], Field("Properties", "E.g. `url`, `title`, `referrer`.")]
    ]


class Screen(Common):
    """A screen of a mobile app that a person looked at."""

    name: NotRequired[Annotated[str, Field("Name of the screen")]]
    category: NotRequired[Annotated[str, Field("Category of the screen")]]
    properties: NotRequired[Properties]


class Alias(TypedDict):
    """Two ids of one person."""

    previous_id: Annotated[str, Field("Previous id", "The id that the person had before.")]
    user_id: UserId
    timestamp: NotRequired[When]
    context: NotRequired[Extra]
    integrations: NotRequired[Targets]


def identify(ctx: Context, *, rows: list[Identify]) -> list[RowResult]:
    """Tell who people are, and their traits: `traits.email`, `traits.name` and so on."""
    return send(ctx, "identify", rows)


def track(ctx: Context, *, rows: list[Track]) -> list[RowResult]:
    """Tell what people did, e.g. that a matter was opened for them."""
    return send(ctx, "track", rows)


def group(ctx: Context, *, rows: list[Group]) -> list[RowResult]:
    """Tell which group people belong to, and the group's traits."""
    return send(ctx, "group", rows)


def page(ctx: Context, *, rows: list[Page]) -> list[RowResult]:
    """Tell which pages people looked at."""
    return send(ctx, "page", rows)


def screen(ctx: Context, *, rows: list[Screen]) -> list[RowResult]:
    """Tell which screens of a mobile app people looked at."""
    return send(ctx, "screen", rows)


def alias(ctx: Context, *, rows: list[Alias]) -> list[RowResult]:
    """Join two ids of one person, for the destinations that need to be told."""
    return send(ctx, "alias", rows)
