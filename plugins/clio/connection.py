"""How a connection to Clio is made and tested."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from engine.sdk import Account, Context, Field, NotRequired, OAuth2, TypedDict

#: One set of servers, developer portal and tokens each (documented); nothing is shared.
HOSTS = {
    "us": "app.clio.com",
    "eu": "eu.app.clio.com",
    "ca": "ca.app.clio.com",
    "au": "au.app.clio.com",
}

#: Clio ties permissions to the app's settings in its developer portal, so no scopes are asked for.
AUTH = OAuth2(
    authorize_url="https://{host}/oauth/authorize",
    token_url="https://{host}/oauth/token",  # noqa: S106 - an address
)

#: The minor version that this connector was written for; another one may have other fields (spec).
VERSION = "4.0.9"


class Settings(TypedDict):
    """What a connection to Clio needs besides its tokens."""

    region: NotRequired[
        Annotated[
            Literal["us", "eu", "ca", "au"],
            Field(
                "Region",
                "Where the firm's Clio account is kept, as in eu.app.clio.com; us if not said.",
            ),
        ]
    ]
    client_id: Annotated[str, Field("App key", "From the app's page in Clio's developer portal.")]
    client_secret: Annotated[str, Field("App secret", "Beside the app key.", secret=True)]


def url_values(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the host of the connection's region."""
    return {"host": HOSTS[settings.get("region") or "us"]}


def account(ctx: Context) -> Account:
    """Return the firm and the user that the connection belongs to; users see different matters."""
    user = ctx.http.get("users/who_am_i.json", params={"fields": "id,name,account{id,name}"})
    data = user.json()["data"]
    return Account(
        id=f"{data['account']['id']}/{data['id']}",
        label=f"{data['account']['name']} ({data['name']})",
    )
