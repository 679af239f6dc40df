"""How a connector logs in: declarations only; engine.http carries them out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whose a connection is: what a connector's ``check`` may return instead of a mere label.

    With an id, one account is not connected twice by mistake, nor exchanged for another.

    :param id: the vendor's own and lasting id of the account, and of the user where what a
        connection sees depends on the user.
    :param label: what people know it by.
    """

    id: str
    label: str


@dataclass(frozen=True, kw_only=True)
class NoAuth:
    """Nothing to log in to, e.g. files."""


@dataclass(frozen=True, kw_only=True)
class OwnAuth:
    """The connector logs in by itself, in a protocol that isn't HTTP, e.g. IMAP.

    Its functions read what they need from ``ctx.connection`` and ``ctx.secrets``.
    """


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key sent as a header with every request.

    The texts below may hold settings of the connection and values of
    :meth:`engine.connector.Connector.url_values`.

    :param header: the header's name.
    :param prefix: text before the key, e.g. ``"ApiKey "``.
    :param query: the parameter of the address that carries the key instead, for apps that take it
        no other way; it is kept out of logs and errors, but not out of the app's own.
    :param setting: the connection setting that holds the key.
    """

    header: str = "Authorization"
    prefix: str = ""
    query: str = ""
    setting: str = "api_key"


@dataclass(frozen=True, kw_only=True)
class Basic:
    """HTTP Basic; a fixed user name where the vendor wants only a key as the password.

    :param username: a fixed user name; empty means the connection's ``username`` setting.
    :param setting: the connection setting that holds the password or key.
    :param key_alone: the key is the user name and there is no password, as Segment wants it.
    """

    username: str = ""
    setting: str = "password"
    key_alone: bool = False


@dataclass(frozen=True, kw_only=True)
class OAuth2:
    """OAuth 2 authorization code with refresh: a person allows access on the vendor's own page.

    URLs may hold settings of the connection, e.g. ``https://{host}/oauth/token``.

    :param scopes: asked for at the consent page; empty where the vendor ties them to the app. May
        hold settings, too.
    :param scheme: the word before the token in the Authorization header.
    :param refreshes: whether one is to get a refresh token without which it would end; one that
        comes without being insisted upon is used all the same.
    :param expired_codes: HTTP statuses that mean "refresh the token, then try again once"; for
        other signs see :meth:`engine.connector.Connector.expired`.
    :param consent_parameters: more for the consent page's address, e.g. Google's
        ``{"access_type": "offline", "prompt": "consent"}``, without which it gives no refresh token.
    :param client_auth: where the app's key and secret go in a token request: its body or a header,
        or where the connection's setting ``client_auth`` says.
    :param keeps: what else of a token answer is kept beside the tokens; ``url_values`` reads it like
        a setting, e.g. Salesforce's ``("instance_url",)``, which says where the account's API is.
    """

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...] = ()
    scheme: str = "Bearer"
    refreshes: bool = True
    expired_codes: tuple[int, ...] = (401,)
    consent_parameters: Mapping[str, str] = field(default_factory=dict)
    client_auth: Literal["body", "basic", "setting"] = "body"
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ClientCredentials:
    """OAuth 2 client credentials (RFC 6749, 4.4): the app's own key and secret get the token.

    Nobody has to be there, at first or later. The connection's settings are ``client_id`` and
    ``client_secret``, and whatever the URL names.

    :param parameters: more for the token request, e.g. ``{"audience": "https://api.example.com"}``;
        they and the scopes may hold settings, and what is empty then is left out.
    :param keeps: see :class:`OAuth2`.
    """

    token_url: str
    scopes: tuple[str, ...] = ()
    scheme: str = "Bearer"
    expired_codes: tuple[int, ...] = (401,)
    parameters: Mapping[str, str] = field(default_factory=dict)
    client_auth: Literal["body", "basic", "setting"] = "body"
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class JwtBearer:
    """OAuth 2 JWT bearer (RFC 7523, 2.1): a statement signed with a private key gets the token.

    Nobody has to be there. The texts below may hold settings of the connection. Salesforce wants
    its consumer key as issuer, a user name as subject and its log-in host as audience; a Google
    service account its e-mail address, none or the user it stands for, and the token URL.

    :param issuer: who signs (``iss``).
    :param subject: in whose name (``sub``); empty sends none.
    :param audience: who is asked (``aud``); empty means the token URL.
    :param claims: more that is signed, e.g. Google's ``{"scope": "…"}``.
    :param setting: the connection setting that holds the private key, a PEM text.
    :param algorithm: of the signature (RFC 7518, 3.1).
    :param lifetime: seconds until a signed statement is void; Salesforce takes at most 180.
    :param keeps: see :class:`OAuth2`.
    """

    token_url: str
    issuer: str = "{client_id}"
    subject: str = "{username}"
    audience: str = ""
    scopes: tuple[str, ...] = ()
    claims: Mapping[str, str] = field(default_factory=dict)
    scheme: str = "Bearer"
    expired_codes: tuple[int, ...] = (401,)
    setting: str = "private_key"
    algorithm: str = "RS256"
    lifetime: int = 180
    keeps: tuple[str, ...] = ()


#: Log-ins whose requests carry a token that runs out and is renewed.
TokenAuth = OAuth2 | ClientCredentials | JwtBearer

Auth = NoAuth | OwnAuth | ApiKey | Basic | TokenAuth


@dataclass(frozen=True)
class LogIn:
    """One of several ways to log in to an app; whoever connects an account chooses.

    :param title: what people choose by, e.g. "With an API key".
    :param settings: a TypedDict of what is asked for with this way alone.
    :param help: one sentence on when it is the right one, or where to get what it asks for.
    """

    title: str
    auth: Auth
    settings: type | None = None
    help: str = ""
