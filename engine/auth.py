"""How a connector logs in: declarations only; engine.http carries them out."""

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class NoAuth:
    """Nothing to log in to, e.g. files."""


@dataclass(frozen=True, kw_only=True)
class ApiKey:
    """A key sent as a header with every request.

    :param header: the header's name.
    :param prefix: text before the key, e.g. ``"ApiKey "``.
    :param setting: the connection setting that holds the key.
    """

    header: str = "Authorization"
    prefix: str = ""
    setting: str = "api_key"


@dataclass(frozen=True, kw_only=True)
class Basic:
    """HTTP Basic; a fixed user name where the vendor wants only a key as the password.

    :param username: a fixed user name; empty means the connection's ``username`` setting.
    :param setting: the connection setting that holds the password or key.
    """

    username: str = ""
    setting: str = "password"


@dataclass(frozen=True, kw_only=True)
class OAuth2:
    """OAuth 2 authorization code with refresh.

    URLs may hold settings of the connection, e.g. ``https://{host}/oauth/token``.

    :param scopes: asked for at the consent page; empty where the vendor ties them to the app.
    :param scheme: the word before the token in the Authorization header.
    :param refreshes: whether the vendor issues refresh tokens; if so, one is insisted upon.
    :param expired_codes: HTTP statuses that mean "refresh the token, then try again once".
    """

    authorize_url: str
    token_url: str
    scopes: tuple[str, ...] = ()
    scheme: str = "Bearer"
    refreshes: bool = True
    expired_codes: tuple[int, ...] = field(default=(401,))


Auth = NoAuth | ApiKey | Basic | OAuth2
