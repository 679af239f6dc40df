"""Idempotency keys: the first answer to each is kept and given again, for a day at least (documented)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from engine.sdk import Request, Response
from plugins.stripe.practice.answers import Refused

KEPT_FOR = 24 * 3600
LONGEST = 255


@dataclass
class Kept:
    """What is known of a key."""

    request: str
    at: float
    status: int
    body: bytes
    request_id: str


class Keys:
    """The keys of one account.

    :param clock: seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.kept: dict[str, Kept] = {}
        #: Keys whose first request is still under way; tests put them in.
        self.busy: set[str] = set()

    def replay(self, key: str, request: Request) -> Response | None:
        """Return the answer kept with a key; None where it is new.

        :raises Refused: the key is too long, busy, or was used for another request.
        """
        if len(key) > LONGEST:
            raise Refused(f"Idempotency keys have {LONGEST} characters at the most.")
        if key in self.busy:
            raise Refused(
                "There is currently another in-progress request using this Idempotent Key.",
                409,
                kind="idempotency_error",
                code="idempotency_key_in_use",
            )
        known = self.kept.get(key)
        if known is None or self.clock() - known.at >= KEPT_FOR:
            return None
        if known.request != _digest(request):
            raise Refused(
                "Keys for idempotent requests can only be used with the same parameters they were "
                f"first used with. Try using a key other than '{key}' if you meant to execute a "
                "different request.",
                kind="idempotency_error",
            )
        headers = {
            "Idempotency-Key": key,
            "Original-Request": known.request_id,
            "Idempotent-Replayed": "true",
        }
        return Response(known.body, known.status, headers=headers, content_type="application/json")

    def keep(self, key: str, request: Request, response: Response, request_id: str) -> None:
        """Keep the answer to a request that was carried out, or had begun to be."""
        self.kept[key] = Kept(
            _digest(request), self.clock(), response.status_code, response.get_data(), request_id
        )


def _digest(request: Request) -> str:
    form = repr(sorted(request.form.items(multi=True)))
    return hashlib.sha256(f"{request.method} {request.path} {form}".encode()).hexdigest()
