"""A connection to any API: its address, how it is logged in to, what goes with every request."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from engine.sdk import (
    ApiKey,
    Basic,
    ClientCredentials,
    Context,
    Field,
    InputError,
    LogIn,
    NoAuth,
    NotRequired,
    OAuth2,
    OwnAuth,
    Rate,
    SetupError,
    TypedDict,
)

#: Headers that would be shown with the connection's settings, or that requests can't do without.
NOT_FIXED = frozenset({"authorization", "cookie", "proxy-authorization", "host", "content-length"})
SOUNDS_SECRET = ("key", "token", "secret", "password", "auth", "cookie")


class Settings(TypedDict):
    """What every connection has, however it logs in."""

    address: Annotated[
        str,
        Field(
            "Address",
            "What all its addresses begin with, as its documentation gives it, e.g. "
            "https://api.example.com/v2",
            format="uri",
        ),
    ]
    test_path: NotRequired[
        Annotated[
            str,
            Field(
                "Path to test it with",
                "What is asked to see whether the connection works, e.g. /me. Left out, it is the "
                "address itself, and only a refusal of the log-in counts as a failure.",
            ),
        ]
    ]
    headers: NotRequired[
        Annotated[
            str,
            Field(
                "Headers with every request",
                "One a line, or with | between them, e.g. Accept-Version: 2 | X-Tenant: harbor. "
                "They are no place for secrets.",
            ),
        ]
    ]
    requests_per_second: NotRequired[
        Annotated[
            float,
            Field(
                "Requests a second", "The most that is sent to it, e.g. 5, or 0.5 for one in two."
            ),
        ]
    ]


class KeySettings(TypedDict):
    """What a key in a header of its own needs."""

    key_header: Annotated[str, Field("Header of the key", "E.g. X-Api-Key")]
    key_prefix: NotRequired[Annotated[str, Field("Before the key", "E.g. ApiKey")]]


class QuerySettings(TypedDict):
    """What a key in the address needs."""

    key_parameter: Annotated[str, Field("Parameter of the key", "E.g. api_key")]


class TokenSettings(TypedDict):
    """What a bearer token needs."""

    token: Annotated[str, Field("Token", secret=True)]


class HeaderSettings(TypedDict):
    """What a log-in by several headers needs."""

    secret_headers: Annotated[
        str,
        Field(
            "Secret headers",
            "One a line, or with | between them, e.g. X-App-Id: 17 | X-App-Key: …",
            secret=True,
        ),
    ]


class MachineSettings(TypedDict):
    """What client credentials need besides key and secret."""

    grant_url: Annotated[str, Field("Token address", "Where tokens are got.", format="uri")]
    scope: NotRequired[Annotated[str, Field("Scope", "What is asked for, if anything.")]]
    audience: NotRequired[Annotated[str, Field("Audience", "For whom, where it wants to know.")]]
    client_auth: NotRequired[
        Annotated[
            Literal["body", "basic"],
            Field("Key and secret go into", "The body of the token request, or a Basic header."),
        ]
    ]


class PersonSettings(TypedDict):
    """What a consent page needs besides key and secret."""

    authorize_url: Annotated[str, Field("Consent page", "Where people allow access.", format="uri")]
    grant_url: Annotated[str, Field("Token address", "Where tokens are got.", format="uri")]
    scope: NotRequired[Annotated[str, Field("Scope", "What is asked for, if anything.")]]
    client_auth: NotRequired[
        Annotated[
            Literal["body", "basic"],
            Field("Key and secret go into", "The body of the token request, or a Basic header."),
        ]
    ]


LOG_INS: Mapping[str, LogIn] = {
    "bearer": LogIn(
        "With a token",
        ApiKey(header="Authorization", prefix="Bearer ", setting="token"),
        TokenSettings,
        "It is sent as “Authorization: Bearer …”.",
    ),
    "key": LogIn(
        "With a key in a header of its own",
        ApiKey(header="{key_header}", prefix="{key_prefix}"),
        KeySettings,
        "Such as “X-Api-Key: …”.",
    ),
    "headers": LogIn(
        "With several headers", OwnAuth(), HeaderSettings, "Where one key is not enough."
    ),
    "basic": LogIn("With a user name and password", Basic()),
    "machine": LogIn(
        "OAuth 2, without a person (client credentials)",
        ClientCredentials(
            token_url="{grant_url}",  # noqa: S106 - a setting's name
            scopes=("{scope}",),
            parameters={"audience": "{audience}"},
            client_auth="setting",
        ),
        MachineSettings,
    ),
    "person": LogIn(
        "OAuth 2, on its consent page (authorization code)",
        OAuth2(
            authorize_url="{authorize_url}",
            token_url="{grant_url}",  # noqa: S106 - a setting's name
            scopes=("{scope}",),
            refreshes=False,  # not everybody gives refresh tokens; those who do are made use of
            client_auth="setting",
        ),
        PersonSettings,
    ),
    "query": LogIn(
        "With a key in the address",
        ApiKey(query="{key_parameter}"),
        QuerySettings,
        "Only where it takes the key no other way: addresses end up in the logs of its servers.",
    ),
    "none": LogIn("Without a log-in", NoAuth(), help="For what anybody may read."),
}


def url_values(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what stands in addresses and headers.

    :raises SetupError: the address is none.
    """
    prefix = str(settings.get("key_prefix") or "").strip()
    values = {
        "key_prefix": f"{prefix} " if prefix[-1:].isalnum() else prefix,
        "scope": str(settings.get("scope") or ""),
        "audience": str(settings.get("audience") or ""),
    }
    if settings.get("address"):
        values["address"] = address_of(str(settings["address"]))
    return values


def address_of(written: str) -> str:
    """Return an API's address as requests need it.

    :raises SetupError: it is none.
    """
    text = written.strip()
    if "://" not in text:
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        well = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        well = False
    if not well or not text.isprintable() or " " in text:
        raise SetupError(
            f"'{written}' is no web address.", hint="It looks like https://api.example.com/v2"
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SetupError(
            "The address of the connection holds more than host and path.",
            hint="Leave out user name, password and whatever follows a ? or #.",
        )
    return text.rstrip("/")


def limits(settings: Mapping[str, Any]) -> tuple[Rate, ...]:
    """Return how many requests the connection takes."""
    asked = settings.get("requests_per_second")
    if not asked:
        return ()
    number = float(asked)
    if not 0.001 <= number <= 1000:
        raise SetupError(
            f"{number:g} requests a second can't be.", hint="Give a number from 0.001 to 1000."
        )
    return (Rate(int(number), per=1),) if number >= 1 else (Rate(1, per=1 / number),)


def answers(ctx: Context) -> str:
    """See whether the connection works; its label is the host.

    :raises ConnectorError: it doesn't.
    """
    from plugins.http.requests import headers_for

    path = str(ctx.connection.get("test_path") or "").strip()
    try:
        ctx.http.get(path or "/", headers=headers_for(ctx))
    except InputError:
        if path:
            raise
        # Few APIs have anything at their address itself; that they answer is what can be told.
    return urlsplit(address_of(str(ctx.connection["address"]))).netloc


def fixed_headers(ctx: Context) -> dict[str, str]:
    """Return the headers that go with every request.

    :raises SetupError: one can't be read, or is no header for that place.
    """
    found = headers_in(str(ctx.connection.get("headers") or ""))
    for name in found:
        if name.lower() in NOT_FIXED or any(word in name.lower() for word in SOUNDS_SECRET):
            raise SetupError(
                f"The header '{name}' can't be among the headers with every request.",
                hint="A key goes into the way to log in, where it is kept secret.",
            )
    return found | headers_in(str(ctx.secrets.get("secret_headers") or ""), secret=True)


def headers_in(text: str, *, secret: bool = False) -> dict[str, str]:
    """Return headers as they are written in a setting.

    :param secret: an error may not show them.
    :raises SetupError: one can't be read.
    """
    found = {}
    for line in text.replace("|", "\n").splitlines():
        if not line.strip():
            continue
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not name.replace("-", "").replace("_", "").isalnum() or not name.isascii():
            shown = "One of the secret headers" if secret else f"'{line.strip()}'"
            raise SetupError(f"{shown} is no header.", hint="Write a name, a colon and a value.")
        found[name] = value
    return found
