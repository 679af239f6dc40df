"""How a connection to Salesforce is made and tested."""

import re
from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlsplit

from engine.sdk import (
    Account,
    ClientCredentials,
    Context,
    Field,
    InputError,
    JwtBearer,
    LogIn,
    NotRequired,
    OAuth2,
    SetupError,
    TypedDict,
)
from plugins.salesforce.api import answer_of, query

#: Hosts that people log in at, by the words they know them by (documented).
LOGIN_HOSTS = {"login": "login.salesforce.com", "test": "test.salesforce.com"}

#: Whoever logs in elsewhere would show the app's secret to somebody else.
OF_SALESFORCE = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.salesforce\.com")

#: The token answer says where the account's API is (documented).
KEPT = ("instance_url",)

AUTHORIZE = "https://{login_host}/services/oauth2/authorize"
TOKEN = "https://{login_host}/services/oauth2/token"  # noqa: S105 - an address


class Settings(TypedDict):
    """What every connection to Salesforce may be given."""

    login_host: NotRequired[
        Annotated[
            str,
            Field(
                "Log-in host",
                "`login` (the default), `test` for a sandbox, or your My Domain such as "
                "`firm.my.salesforce.com`.",
            ),
        ]
    ]


class OfApp(TypedDict):
    """What is asked for where an app's key and secret log in."""

    client_id: Annotated[str, Field("Consumer key", "Of the External Client App, in Setup.")]
    client_secret: Annotated[str, Field("Consumer secret", "Beside the key.", secret=True)]


class OfSignature(TypedDict):
    """What is asked for where a private key signs."""

    client_id: Annotated[str, Field("Consumer key", "Of the External Client App, in Setup.")]
    username: Annotated[str, Field("User name", "Of the user in whose name it works.")]
    private_key: Annotated[
        str,
        Field(
            "Private key",
            "The PEM text that belongs to the certificate in the app's settings.",
            secret=True,
        ),
    ]


LOG_INS = {
    "oauth": LogIn(
        "Log in at Salesforce",
        # A refresh token comes with this scope alone (documented).
        OAuth2(
            authorize_url=AUTHORIZE,
            token_url=TOKEN,
            scopes=("api", "refresh_token"),
            keeps=KEPT,
        ),
        settings=OfApp,
        help="Somebody allows access on Salesforce's own page; it works in their name.",
    ),
    "client_credentials": LogIn(
        "With the app's own key and secret",
        ClientCredentials(token_url=TOKEN, keeps=KEPT),
        settings=OfApp,
        help="Nobody has to be there. The app needs a run-as user, and the log-in host has to be "
        "your My Domain.",
    ),
    "jwt": LogIn(
        "With a private key",
        JwtBearer(token_url=TOKEN, audience="https://{login_host}", keeps=KEPT),
        settings=OfSignature,
        help="Nobody has to be there. The app needs the certificate, and the user's approval.",
    ),
}


def url_values(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the hosts that addresses need: where one logs in, and where the account's API is.

    :raises SetupError: the log-in host isn't Salesforce's, or there can be no such log-in.
    """
    given = str(settings.get("login_host") or "login").strip().lower()
    host = LOGIN_HOSTS.get(given, given.removeprefix("https://").rstrip("/"))
    if not OF_SALESFORCE.fullmatch(host):
        raise SetupError(
            f"'{host}' is no log-in host of Salesforce.",
            hint="Write `login`, `test`, or your My Domain, such as `firm.my.salesforce.com`.",
        )
    if settings.get("log_in") == "client_credentials" and host in LOGIN_HOSTS.values():
        raise SetupError(
            "With an app's own key and secret, Salesforce can only be logged in to at your My "
            "Domain.",
            hint="Give it with `--set login_host=firm.my.salesforce.com`; Setup, My Domain shows it.",
        )
    values = {"login_host": host}
    if instance := urlsplit(str(settings.get("instance_url") or "")).netloc:
        values["instance"] = instance
    return values


def account(ctx: Context) -> Account:
    """Return whose the connection is: the organization, and the user in it.

    The identity is an address that ends with the ids of both, as the list of resources shows it.
    """
    resources = answer_of(ctx.http.get("/"), "identity")
    identity = "/".join(urlsplit(str(resources["identity"])).path.split("/")[-2:])
    try:
        found = next(query(ctx, "SELECT Name, IsSandbox FROM Organization LIMIT 1"), {})
    except InputError:  # a user may lack access to it
        found = {}
    name = str(found.get("Name") or f"Salesforce {identity.partition('/')[0]}")
    return Account(id=identity, label=f"{name} (sandbox)" if found.get("IsSandbox") else name)
