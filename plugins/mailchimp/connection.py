"""How a connection to Mailchimp is made and tested: with a key, or on Mailchimp's own page."""

from collections.abc import Mapping
from typing import Annotated, Any

from engine.sdk import Account, Basic, Context, Field, LogIn, OAuth2, SetupError, TypedDict

LOGIN = "https://login.mailchimp.com/oauth2"
OAUTH = "oauth"


class KeySettings(TypedDict):
    """What is asked for with an API key."""

    api_key: Annotated[
        str,
        Field("API key", "Mailchimp: Profile, Extras, API keys. Copy it whole.", secret=True),
    ]


LOG_INS = {
    "api_key": LogIn(
        "With an API key",
        # Any user name will do (documented); the key is the password.
        Basic(username="bridgework", setting="api_key"),
        settings=KeySettings,
        help="The quickest way for an account of your own.",
    ),
    OAUTH: LogIn(
        "Log in at Mailchimp",
        # Its tokens don't end and there is no refresh token (documented).
        OAuth2(authorize_url=f"{LOGIN}/authorize", token_url=f"{LOGIN}/token", refreshes=False),
        help="For an app registered in Mailchimp under Profile, Extras, Registered apps.",
    ),
}


def data_centre(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Find the data centre, which every URL depends on.

    It stands at the end of an API key; of an account that logged in, :func:`metadata` knows it.
    """
    if settings.get("log_in") == OAUTH:
        return {}
    _, dash, centre = str(settings.get("api_key") or "").rpartition("-")
    if not dash or not centre.isalnum():
        raise SetupError(
            "The Mailchimp API key has no data centre at its end.",
            hint="Copy the key whole: it ends with a dash and a name such as 'us19'.",
        )
    return {"dc": centre}


def metadata(ctx: Context) -> Mapping[str, Any]:
    """Read once after a log-in where the account is kept; a key says so itself."""
    if ctx.connection.get("log_in") != OAUTH:
        return {}
    return {"dc": str(ctx.http.get(f"{LOGIN}/metadata").json()["dc"])}


def account(ctx: Context) -> Account:
    """Return whose the key or the log-in is."""
    root = ctx.http.get("/").json()
    return Account(id=str(root["account_id"]), label=str(root["account_name"]))
