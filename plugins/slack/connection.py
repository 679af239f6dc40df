"""How a connection to Slack is made and tested."""

from typing import Annotated

import httpx2

from engine.sdk import (
    Account,
    ApiKey,
    ConnectorError,
    Context,
    Field,
    LogIn,
    NotRequired,
    OAuth2,
    OwnAuth,
    TypedDict,
)
from plugins.slack import incoming, refusals

#: What the connector's operations need, in the order of its README.
SCOPES = (
    "chat:write",
    "channels:read",
    "channels:history",
    "channels:manage",
    "users:read",
    "users:read.email",
    "reactions:read",
    "reactions:write",
    "im:write",
    "im:history",
    "files:write",
    "app_mentions:read",
)


class Settings(TypedDict):
    """What every connection to Slack may be given."""

    signing_secret: NotRequired[
        Annotated[
            str,
            Field(
                "Signing secret",
                "At api.slack.com/apps, on the app's Basic Information page; only recipes that start "
                "at once need it.",
                secret=True,
            ),
        ]
    ]


class OfToken(TypedDict):
    """What is asked for with a token."""

    bot_token: Annotated[
        str, Field("Bot token", "It begins with `xoxb-`; on OAuth & Permissions.", secret=True)
    ]


class OfApp(TypedDict):
    """What is asked for with the consent page."""

    client_id: Annotated[str, Field("Client ID", "On the app's Basic Information page.")]
    client_secret: Annotated[str, Field("Client secret", "Below the client ID.", secret=True)]


class OfWebhook(TypedDict):
    """What is asked for with an incoming webhook."""

    webhook_url: Annotated[
        str,
        Field("Webhook URL", "It begins with `https://hooks.slack.com/services/`.", secret=True),
    ]


#: Rotating tokens are an option of each app, so no refresh token is insisted upon. Slack writes
#: scopes with commas (documented), and so not as OAuth's own parameter would.
OAUTH = OAuth2(
    authorize_url="https://slack.com/oauth/v2/authorize",
    token_url="https://slack.com/api/oauth.v2.access",  # noqa: S106 - an address
    consent_parameters={"scope": ",".join(SCOPES)},
    refreshes=False,
)

LOG_INS = {
    "token": LogIn(
        "With the bot token of a Slack app",
        ApiKey(prefix="Bearer ", setting="bot_token"),
        settings=OfToken,
        help="The simplest way for one workspace: install the app there, and copy its token.",
    ),
    "oauth": LogIn(
        "Log in at Slack",
        OAUTH,
        settings=OfApp,
        help="For apps whose tokens rotate, and for those installed in several workspaces.",
    ),
    "webhook": LogIn(
        "With an incoming webhook's address",
        OwnAuth(),
        settings=OfWebhook,
        help="It can only post in one channel, with slack.post_to_webhook.",
    ),
}


def expired(response: httpx2.Response) -> bool:
    """Say whether the token ran out, as rotating ones do after twelve hours; the status is 200."""
    return refusals.error_in(response) == "token_expired"


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn an error answer, of the API or of a webhook, into an error people understand."""
    return refusals.explain(response) or incoming.explain(response)


def account(ctx: Context) -> Account:
    """Return the workspace, and the app's own user in it; of a webhook, what its address says."""
    if "webhook_url" in ctx.secrets:
        return incoming.account(ctx)
    answer = ctx.http.post("auth.test", idempotent=True).json()
    return Account(
        id=f"{answer['team_id']}/{answer['user_id']}",
        label=f"{answer['team']} ({answer['user']})",
    )
