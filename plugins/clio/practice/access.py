"""Who is let in at Clio's practice server: its log-in, versions, limits, and both shapes of errors."""

import time
from collections.abc import Callable
from math import ceil
from typing import Any, Literal

from engine.sdk import PracticeServer, Request, Response, json_response, route
from plugins.clio.practice.model import ApiError
from plugins.clio.practice.oauth import OAuthProvider
from plugins.clio.practice.sample_names import FIRM

API = "/api/v4/"
VERSIONS = ("4.0.9", "4.0.10")


class ClioAccess(PracticeServer):
    """What surrounds the API of one region; see :class:`PracticeClio` for the parameters."""

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], float] = time.time,
        *,
        region: Literal["us", "eu", "ca", "au"] = "us",
        token_seconds: int = 2_592_000,
        token_requests: int | None = None,
        requests_per_minute: int = 600,
    ) -> None:
        super().__init__(seed, clock)
        self.region = region
        self.requests_per_minute = requests_per_minute
        self.oauth = OAuthProvider(
            clock,
            region=region,
            seed=seed,
            token_seconds=token_seconds,
            token_requests=token_requests,
        )

    @property
    def refreshes(self) -> int:
        """How many access tokens were renewed."""
        return self.oauth.refreshes

    # -- control -------------------------------------------------------------------------------

    def credentials(self) -> dict[str, Any]:
        tokens = self.oauth.ready_made
        return {
            "region": self.region,
            "client_id": self.oauth.client_id,
            "client_secret": self.oauth.client_secret,
            "access_token": tokens["access_token"],
            "refresh_token": tokens["refresh_token"],
        }

    @route("POST", "/_practice/expire")
    def practice_expire(self, request: Request) -> Response:
        """Let every access token run out."""
        return json_response({"expired": self.oauth.expire_all()})

    @route("POST", "/_practice/revoke")
    def practice_revoke(self, request: Request) -> Response:
        """Withdraw every access, as a user does who removes the app: someone must connect again."""
        return json_response({"revoked": self.oauth.revoke_all()})

    # -- log-in --------------------------------------------------------------------------------

    @route("GET", "/oauth/authorize")
    def ask_consent(self, request: Request) -> Response:
        problem = self.oauth.problem_with(request.args)
        if problem:
            return Response(self.oauth.error_page(problem), 400, content_type="text/html")
        return Response(self.oauth.consent_page(FIRM), content_type="text/html")

    @route("POST", "/oauth/authorize")
    def decide(self, request: Request) -> Response:
        """Take the decision on the consent page; anything but "deny" allows."""
        problem = self.oauth.problem_with(request.args)
        if problem:
            return Response(self.oauth.error_page(problem), 400, content_type="text/html")
        allowed = request.form.get("decision") != "deny"
        address = self.oauth.back(request.args, allowed=allowed)
        return Response(status=302, headers={"Location": address})

    @route("POST", "/oauth/token")
    def token(self, request: Request) -> Response:
        return json_response(self.oauth.token(request.form))

    @route("POST", "/oauth/deauthorize")
    def deauthorize(self, request: Request) -> Response:
        self.oauth.revoke(self.oauth.bearer(request.headers.get("Authorization", "")))
        return json_response({})

    # -- the API -------------------------------------------------------------------------------

    def answer(self, request: Request) -> Response:
        if not request.path.startswith(API):
            return super().answer(request)
        headers = self._admit(request)
        try:
            response = super().answer(request)
        except ApiError as error:
            response = error.response()
        response.headers.update(headers)
        return response

    def _admit(self, request: Request) -> dict[str, str]:
        """Let a request of a known version, with a good token and within the limit, through.

        :returns: the headers that every answer to it carries.
        :raises ApiError: 410 for the version, 429 for the limit.
        :raises LogInRefusal: 401.
        """
        version = request.headers.get("X-API-VERSION", VERSIONS[0])
        if version not in VERSIONS:
            raise ApiError(410, "InvalidVersion", f"There is no API version '{version}'.")
        token = self.oauth.bearer(request.headers.get("Authorization", ""))
        used = token.count(self.clock())
        headers = {
            "X-API-VERSION": version,
            "X-RateLimit-Limit": str(self.requests_per_minute),
            "X-RateLimit-Remaining": str(max(0, self.requests_per_minute - used)),
            "X-RateLimit-Reset": str(ceil(token.window_ends)),
        }
        if used > self.requests_per_minute:
            headers["Retry-After"] = str(max(1, ceil(token.window_ends - self.clock())))
            message = "The rate limit of this access token is reached."
            raise ApiError(429, "RateLimited", message, headers)
        return headers

    def not_found(self, request: Request) -> Response:
        raise missing(request.path)


def missing(path: str) -> ApiError:
    """Say that an address leads nowhere."""
    return ApiError(404, "NotFound", f"There is nothing at '{path}'.")
