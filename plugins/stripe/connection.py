"""How a connection to Stripe is made and tested."""

from collections.abc import Mapping
from typing import Annotated, Any

from engine.sdk import Account, AuthError, Context, Field, SetupError, TypedDict
from plugins.stripe import api

#: How keys begin: secret and restricted ones, of live accounts and for trying (documented).
KEYS = ("sk_live_", "sk_test_", "rk_live_", "rk_test_")


class Settings(TypedDict):
    """What a connection needs."""

    api_key: Annotated[
        str,
        Field(
            "Secret key",
            "Stripe: Developers, API keys. It begins with sk_ or, restricted to what recipes need, "
            "rk_; with _test_ in it nothing is real.",
            secret=True,
        ),
    ]


def known_key(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Refuse what can't be a secret key before it is sent anywhere.

    :raises SetupError: it is another kind of key.
    """
    key = str(settings.get("api_key") or "").strip()
    if key.startswith("pk_"):
        raise SetupError(
            "This is Stripe's publishable key, which can't read or change anything.",
            hint="Copy the secret key (sk_…) from Developers, API keys.",
        )
    if not key.startswith(KEYS):
        raise SetupError(
            "This is no secret key of Stripe's.",
            hint="It begins with sk_live_, sk_test_, rk_live_ or rk_test_. Copy it whole.",
        )
    return {}


def account(ctx: Context) -> Account:
    """Return whose the key is; the test side of an account is an account of its own."""
    found = api.get(ctx, "account")
    profile = found.get("business_profile") or {}
    dashboard = (found.get("settings") or {}).get("dashboard") or {}
    name = profile.get("name") or dashboard.get("display_name") or found.get("email") or found["id"]
    try:
        live = bool(api.get(ctx, "balance").get("livemode"))
    except AuthError:  # a restricted key that may not read it
        return Account(id=str(found["id"]), label=str(name))
    return Account(
        id=str(found["id"]) if live else f"{found['id']} test",
        label=str(name) if live else f"{name} (test)",
    )
