"""Who may ask the practice server, in which version, and how often."""

import base64
import binascii
from collections.abc import Callable

from engine.sdk import Request, RequestWindow
from plugins.stripe.api import VERSION
from plugins.stripe.practice.answers import Refused

#: The keys of this account; their spelling says that they open nothing. One of them is restricted.
SECRET_KEY = "sk_test_practice0000"  # noqa: S105 - no secret
RESTRICTED_KEY = "rk_test_practice0000"
#: What the restricted key may do.
RESTRICTED_TO = ("GET",)

#: Versions that are known: the connector's, that of the SDK it is tested with, and some older ones.
VERSIONS = {VERSION, "2026-10-28.endive", "2025-03-31.basil", "2024-06-20", "2020-08-27"}


class Gate:
    """Lets requests with a key, of a known version and within the limit, through.

    :param clock: seconds since 1970.
    :param per_second: requests in a second, over all.
    """

    def __init__(self, clock: Callable[[], float], per_second: int) -> None:
        self.per_second = per_second
        self._recent = RequestWindow(clock, 1)

    def check(self, request: Request, version: str) -> None:
        """Look at one request.

        :raises Refused: 401, 403, 400 or 429.
        """
        key = given_key(request)
        if key is None:
            raise Refused(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY').",
                401,
            )
        if key not in (SECRET_KEY, RESTRICTED_KEY):
            raise Refused(f"Invalid API Key provided: {key[:8]}****", 401)
        if key == RESTRICTED_KEY and request.method not in RESTRICTED_TO:
            raise Refused(
                "The provided key 'rk_test_****' does not have the required permissions for this "
                "endpoint.",
                403,
            )
        if version not in VERSIONS:
            raise Refused(f"Invalid Stripe API version: {version}.")
        if self._recent.wait(self.per_second):
            raise Refused(
                "Request rate limit exceeded. Learn more about rate limits here "
                "https://stripe.com/docs/rate-limits.",
                429,
                code="rate_limit",
            )


def given_key(request: Request) -> str | None:
    """Return the API key: as a Bearer token, or as the user name of Basic."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return given.strip() or None
