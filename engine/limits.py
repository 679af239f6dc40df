"""How many requests a vendor takes: frozen values, kept to by ``ctx.http``."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """At most ``requests`` in any ``per`` seconds, over all that use one connection."""

    requests: int
    per: float = 1.0


@dataclass(frozen=True, kw_only=True)
class LimitHeaders:
    """In which headers of its answers a vendor says how much is left.

    :param limit: requests in a window, where that is the first declared rate's: its number then
        takes the place of the declared one. Empty: not read.
    :param remaining: requests left until the window ends.
    :param reset: when it ends: seconds from now, or the time in seconds since 1970.
    """

    limit: str = ""
    remaining: str = "X-RateLimit-Remaining"
    reset: str = "X-RateLimit-Reset"
