"""The mint: a token server and an API as strict as real ones, and connectors that log in there.

Its tokens last as long as a test says; its refresh tokens are good for one use unless a test says
otherwise, and a second use of one revokes everything, as Salesforce's do. It is no practice server: those answer one request at a
time, and two processes must be able to meet here.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.wrappers import Request, Response

from engine.auth import Auth, ClientCredentials, JwtBearer, OAuth2
from engine.connector import Connector
from engine.context import Context

AUTHORIZE, TOKEN = "https://mint.test/oauth/authorize", "https://mint.test/oauth/token"
CLIENT = {"client_id": "app-1", "client_secret": "app-secret-77aa"}
FIRST = {"access_token": "access-0-7c1e", "refresh_token": "refresh-0-7c1e"}

CODE = OAuth2(authorize_url=AUTHORIZE, token_url=TOKEN)
MACHINE = ClientCredentials(token_url=TOKEN, scopes=("read", "write"))
SIGNED = JwtBearer(token_url=TOKEN, audience="https://login.mint.test")


def mint_connector(auth: Auth = CODE) -> Connector:
    connector = Connector(name="mint", title="The Mint", auth=auth, base_url="https://mint.test")

    @connector.check
    def account(ctx: Context) -> str:
        return str(ctx.http.get("/me").json()["name"])

    return connector


class Mint:
    """Gives out tokens, and answers who shows the newest.

    :param lasts: seconds until an access token runs out; None says nothing about it.
    :param refused_together: how many requests with an old token are refused at the same moment.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        lasts: int | None = 3600,
        refused_together: int = 1,
        public_key: RSAKey | None = None,
    ) -> None:
        self.clock, self.lasts, self.public_key = clock, lasts, public_key
        self.good, self.ends = FIRST["access_token"], clock() + (lasts or 3600)
        self.refresh_token: str | None = FIRST["refresh_token"]
        self.rotates = True
        self.count = 0
        self.grants: list[str] = []
        self.forms: list[dict[str, str]] = []
        self.authorizations: list[str] = []
        self.refusals = 0
        self.answers: list[Response] = []  # given by the token endpoint instead of tokens
        self.says: dict[str, str] = {}  # in the answers of the token endpoint, besides
        self.slowness = 0.0
        self._together = threading.Barrier(refused_together)
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        response = self.token(request) if request.path == "/oauth/token" else self.me(request)
        return response(environ, start_response)

    def me(self, request: Request) -> Response:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token == self.good and self.clock() < self.ends:
            return answer({"name": "Royal Mint"})
        self.refusals += 1
        self._together.wait(timeout=20)
        return answer({"error": "invalid_token"}, 401)

    def token(self, request: Request) -> Response:
        with self._lock:
            form = request.form.to_dict()
            self.forms.append(form)
            self.grants.append(form["grant_type"].rpartition(":")[2])
            self.authorizations.append(request.headers.get("Authorization", ""))
            time.sleep(self.slowness)
            if self.answers:
                return self.answers.pop(0)
            problem = self._problem(form, request)
            return problem or self._issue(form["grant_type"])

    def _problem(self, form: dict[str, str], request: Request) -> Response | None:
        match form["grant_type"].rpartition(":")[2]:
            case "jwt-bearer":
                return self._unsigned(form["assertion"])
            case "refresh_token" if form["refresh_token"] != self.refresh_token:
                self.refresh_token, self.good = None, ""  # someone stole it, by all appearance
                return answer({"error": "invalid_grant", "error_description": "reused"}, 400)
        client = (form.get("client_id"), form.get("client_secret"))
        basic = request.authorization
        if basic is not None:
            client = (basic.username, basic.password)
        if client != tuple(CLIENT.values()):
            return answer({"error": "invalid_client"}, 401)
        return None

    def _unsigned(self, assertion: str) -> Response | None:
        """Refuse a statement as Salesforce does: one signature, one audience, three minutes."""
        assert self.public_key is not None
        try:
            claims = jwt.decode(assertion, self.public_key).claims
        except Exception:
            return answer({"error": "invalid_grant", "error_description": "bad signature"}, 400)
        late = not self.clock() - 1 <= claims["exp"] <= self.clock() + 181
        if late or (claims["aud"], claims["iss"], claims["sub"]) != (
            "https://login.mint.test",
            "app-1",
            "ada@mint.test",
        ):
            said = f"expired or wrong: {sorted(claims)}"
            return answer({"error": "invalid_grant", "error_description": said}, 400)
        return None

    def _issue(self, grant_type: str) -> Response:
        self.count += 1
        self.good = f"access-{self.count}-7c1e"
        self.ends = self.clock() + (self.lasts or 3600)
        issued: dict[str, Any] = {"access_token": self.good, "token_type": "Bearer"}
        if self.lasts is not None:
            issued["expires_in"] = self.lasts
        if grant_type == "authorization_code" or (grant_type == "refresh_token" and self.rotates):
            self.refresh_token = f"refresh-{self.count}-7c1e"
            issued["refresh_token"] = self.refresh_token
        return answer(issued | self.says)


def answer(body: Any, status: int = 200, **headers: str) -> Response:
    return Response(json.dumps(body), status, headers=headers, content_type="application/json")


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()
