"""The Keep: an app with a log-in of each kind, as a plugin that can be dropped into a home."""

import base64
from collections.abc import Iterator
from typing import Annotated, Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from engine.sdk import (
    Account,
    ApiKey,
    Basic,
    ClientCredentials,
    Connector,
    Context,
    Field,
    LogIn,
    NotRequired,
    OAuth2,
    PracticeServer,
    Record,
    TypedDict,
    hookimpl,
    json_response,
    route,
)

KEY, PASSWORD, SECRET = "keep-key-5f21aa09", "keep-password-71", "keep-secret-8842bd"


class Settings(TypedDict):
    """What every connection may have."""

    tower: NotRequired[Annotated[str, Field("Tower")]]


class KeySettings(TypedDict):
    """What a key needs."""

    api_key: Annotated[str, Field("API key", "Ask the warden.", secret=True)]
    header: NotRequired[Annotated[str, Field("Header that carries the key")]]


class MachineSettings(TypedDict):
    """What a machine may ask for besides."""

    scope: NotRequired[Annotated[str, Field("Scope")]]


connector = Connector(
    name="keep",
    title="The Keep",
    log_ins={
        "key": LogIn(
            "With an API key", ApiKey(header="{header}"), KeySettings, "Under Gates, Keys."
        ),
        "link": LogIn("With a key in the address", ApiKey(query="key"), KeySettings),
        "password": LogIn("With a name and password", Basic()),
        "machine": LogIn(
            "As a machine",
            ClientCredentials(token_url="https://keep.test/token", scopes=("{scope}",)),
            MachineSettings,
        ),
        "person": LogIn(
            "Log in at the gate",
            OAuth2(
                authorize_url="https://keep.test/authorize", token_url="https://keep.test/token"
            ),
        ),
    },
    base_url="https://keep.test/v1",
    settings=Settings,
)


@connector.url_values
def url_values(settings: Any) -> dict[str, str]:
    return {"header": settings.get("header") or "X-Key", "scope": settings.get("scope") or ""}


@connector.check
def who(ctx: Context) -> Account:
    found = ctx.http.get("/me").json()
    return Account(id=found["id"], label=found["name"])


@connector.trigger("Prisoner", key="id", sample={"id": "1", "name": "Ann"}, noun="prisoner")
def prisoner_listed(ctx: Context) -> Iterator[Record]:
    """Read who is in the keep."""
    yield from ctx.http.get("/prisoners").json()["prisoners"]


class Keep(PracticeServer):
    """Lets in whoever shows a key, a password or a token.

    :ivar closed: ways that are no longer let in.
    """

    name = "keep"

    def __init__(self, seed: int = 1) -> None:
        super().__init__(seed)
        self.seen: list[str] = []
        self.scopes: list[str] = []
        self.closed: set[str] = set()

    def credentials(self) -> dict[str, Any]:
        return {"api_key": KEY}

    def credentials_for(self, log_in: str) -> dict[str, Any]:
        app = {"client_id": "keep-app", "client_secret": SECRET}
        return {
            "log_in": log_in,
            **{
                "key": {"api_key": KEY},
                "link": {"api_key": KEY},
                "password": {"username": "warden", "password": PASSWORD},
                "machine": app,
                "person": {**app, "access_token": "keep-token-p-1", "refresh_token": "keep-more-1"},
            }[log_in],
        }

    @route("GET", "/v1/me")
    def me(self, request: Request) -> Response:
        return self._let_in(request) or json_response({"id": "k1", "name": "North Keep"})

    @route("GET", "/v1/prisoners")
    def prisoners(self, request: Request) -> Response:
        return self._let_in(request) or json_response({"prisoners": [{"id": "1", "name": "Ann"}]})

    @route("GET", "/authorize")
    def authorize(self, request: Request) -> Response:
        fields = "".join(
            f'<input type="hidden" name="{name}" value="{value}">'
            for name, value in request.args.items()
        )
        page = f'<form method="post" action="/authorize">{fields}<button>Allow</button></form>'
        return Response(page, content_type="text/html")

    @route("POST", "/authorize")
    def allow(self, request: Request) -> Response:
        answer = urlencode({"code": "keep-code-1", "state": request.form["state"]})
        return Response(
            status=302, headers={"Location": f"{request.form['redirect_uri']}?{answer}"}
        )

    @route("POST", "/token")
    def token(self, request: Request) -> Response:
        if request.form.get("client_secret") != SECRET:
            return json_response({"error": "invalid_client"}, 401)
        self.scopes.append(request.form.get("scope", ""))
        if request.form["grant_type"] == "client_credentials":
            return json_response({"access_token": "keep-token-m-1", "expires_in": 3600})
        return json_response(
            {"access_token": "keep-token-p-2", "refresh_token": "keep-more-2", "expires_in": 3600}
        )

    def _let_in(self, request: Request) -> Response | None:
        way = self._way(request)
        self.seen.append(way)
        return None if way and way not in self.closed else json_response({"error": "halt"}, 401)

    def _way(self, request: Request) -> str:
        shown = request.headers.get("Authorization", "")
        if request.headers.get("X-Key", request.headers.get("X-Other")) == KEY:
            return "key"
        if request.args.get("key") == KEY:
            return "link"
        if shown == "Basic " + base64.b64encode(f"warden:{PASSWORD}".encode()).decode():
            return "password"
        return {"Bearer keep-token-m": "machine", "Bearer keep-token-p": "person"}.get(
            shown[:-2], ""
        )


connector.practice(Keep)


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
