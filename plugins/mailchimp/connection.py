"""How a connection to Mailchimp is made and tested."""

from collections.abc import Mapping
from typing import Annotated, Any

from engine.sdk import Account, Context, Field, SetupError, TypedDict


class Settings(TypedDict):
    """What a connection needs."""

    api_key: Annotated[
        str,
        Field("API key", "Mailchimp: Profile, Extras, API keys. Copy it whole.", secret=True),
    ]


def data_centre(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Find the data centre, which every URL depends on, at the end of the API key."""
    _, dash, centre = str(settings.get("api_key") or "").rpartition("-")
    if not dash or not centre.isalnum():
        raise SetupError(
            "The Mailchimp API key has no data centre at its end.",
            hint="Copy the key whole: it ends with a dash and a name such as 'us19'.",
        )
    return {"dc": centre}


def account(ctx: Context) -> Account:
    """Return whose the key is."""
    root = ctx.http.get("/").json()
    return Account(id=str(root["account_id"]), label=str(root["account_name"]))
