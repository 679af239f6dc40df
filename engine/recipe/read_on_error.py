"""Reading ``on_error:``: what a step does at a limit, with a refusal, and when it failed."""

import re
from collections.abc import Mapping

from engine.recipe.keys import ON_ERROR
from engine.recipe.model import AfterFailure, OnError, OnRejected, RateLimited
from engine.recipe.nodes import Node
from engine.recipe.read import Reader

RATE_LIMITED: Mapping[str, RateLimited] = {"wait": "wait", "fail": "fail"}
REJECTED: Mapping[str, OnRejected] = {"report": "report", "stop": "stop"}
THEN: Mapping[str, AfterFailure] = {"hold": "hold", "fail": "fail", "skip": "skip"}
OTHERWISE = re.compile(r"(?:retry\s+(\d+)\s+times?\s+then\s+)?(hold|fail|skip)")
#: Each attempt waits twice as long as the one before: the tenth begins after some four minutes.
MOST_RETRIES = 10


class OnErrorReader(Reader):
    """Reads ``on_error:`` besides what :class:`~engine.recipe.read.Reader` reads."""

    def on_error(self, node: Node) -> OnError:
        parts = self.entries(node, ON_ERROR)
        limited = rejected = None
        if "rate_limited" in parts:
            limited = self.choice(parts["rate_limited"], "rate_limited", tuple(RATE_LIMITED))
        if "rejected" in parts:
            rejected = self.choice(parts["rejected"], "rejected", tuple(REJECTED))
        retries, then = self.otherwise(parts["otherwise"]) if "otherwise" in parts else (None, None)
        return OnError(
            rate_limited=RATE_LIMITED[limited] if limited else None,
            rejected=REJECTED[rejected] if rejected else "report",
            retries=retries,
            then=then or "fail",
        )

    def otherwise(self, node: Node) -> tuple[int | None, AfterFailure | None]:
        """Return how often to retry, and what to do then."""
        text = self.text(node, "otherwise")
        if text is None:
            return None, None
        found = OTHERWISE.fullmatch(text.value.strip())
        if found is None or (found[1] and int(found[1]) > MOST_RETRIES):
            self.wrong(
                text.position,
                "bad-otherwise",
                f"'{text.value}' is not something to do after a failure.",
                "Write `retry 3 times then hold`, or only `hold`, `fail` or `skip`; at most "
                f"{MOST_RETRIES} times.",
            )
            return None, None
        return int(found[1]) if found[1] else None, THEN[found[2]]
