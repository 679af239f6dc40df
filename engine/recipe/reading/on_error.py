"""Reading ``on_error:``: what a step does at a limit, with a refusal, and when it failed."""

import re
from collections.abc import Mapping

from engine.recipe.reading.keys import ON_ERROR
from engine.recipe.reading.reader import Reader
from engine.recipe.steps import AfterFailure, OnError, OnNotFound, OnRejected, RateLimited
from engine.recipe.yaml.nodes import Node, Scalar

RATE_LIMITED: Mapping[str, RateLimited] = {"wait": "wait", "fail": "fail"}
REJECTED: Mapping[str, OnRejected] = {"report": "report", "stop": "stop"}
NOT_FOUND: Mapping[str, OnNotFound] = {"report": "report", "skip": "skip", "stop": "stop"}
THEN: Mapping[str, AfterFailure] = {"hold": "hold", "fail": "fail", "skip": "skip"}
OTHERWISE = re.compile(r"(?:retry\s+(\d+)\s+times?\s+then\s+)?(hold|fail|skip)")
#: What was most likely meant by what can't be read.
NEARLY = re.compile(r"(?:retry\s+)?(\d+)(?:\s*x|\s+times?)?,?(?:\s+(?:and\s+)?then\s+(\w+))?")
#: Each attempt waits twice as long as the one before: the tenth begins after some four minutes.
MOST_RETRIES = 10


class OnErrorReader(Reader):
    """Reads ``on_error:`` besides what :class:`~engine.recipe.reading.reader.Reader` reads."""

    def on_error(self, node: Node) -> OnError:
        if isinstance(node, Scalar) and not node.missing:
            self._bare(node)
            return OnError()
        parts = self.entries(node, ON_ERROR)
        limited = rejected = missing = None
        if "rate_limited" in parts:
            limited = self.choice(parts["rate_limited"], "rate_limited", tuple(RATE_LIMITED))
        if "rejected" in parts:
            rejected = self.choice(parts["rejected"], "rejected", tuple(REJECTED))
        if "not_found" in parts:
            missing = self.choice(parts["not_found"], "not_found", tuple(NOT_FOUND))
        retries, then = self._failure(parts, "otherwise")
        again, no_answer = self._failure(parts, "no_answer")
        bad_answer = parts.get("bad_answer")
        bad = self.choice(bad_answer, "bad_answer", tuple(THEN)) if bad_answer else None
        return OnError(
            rate_limited=RATE_LIMITED[limited] if limited else None,
            rejected=REJECTED[rejected] if rejected else "report",
            # What is tried again is what got no answer: its own number goes first.
            retries=retries if again is None else again,
            then=then or "fail",
            no_answer=no_answer,
            bad_answer=THEN[bad] if bad else None,
            not_found=NOT_FOUND[missing] if missing else None,
        )

    def _bare(self, node: Scalar) -> None:
        """Say of a word alone when it would count."""
        word = written = node.text.value.strip()
        name, sure = "otherwise", True
        if word in REJECTED or word == "wait":
            name = "rejected" if word in REJECTED else "rate_limited"
        elif not OTHERWISE.fullmatch(word):
            word, sure = "retry 3 times then hold", False
        better = f"{{{name}: {word}}}"
        corrected = self.findings.with_word(node.position, written, better) if sure else ""
        self.wrong(
            node.position,
            "wrong-kind",
            f"'{written}' alone doesn't say when: at 'rate_limited', at 'rejected' or 'otherwise'.",
            "" if corrected else f"Write e.g. `on_error: {better}`.",
            corrected,
        )

    def _failure(
        self, parts: Mapping[str, Node], name: str
    ) -> tuple[int | None, AfterFailure | None]:
        """Return how often to retry, and what to do then."""
        text = self.optional_text(parts, name)
        if text is None:
            return None, None
        found = OTHERWISE.fullmatch(text.value.strip())
        if found is None:
            nearly = NEARLY.fullmatch(text.value.strip())
            times = min(int(nearly[1]), MOST_RETRIES) if nearly else 3
            then = nearly[2] if nearly and nearly[2] in THEN else "hold"
            self.wrong(
                text.position,
                "bad-otherwise",
                f"'{text.value}' is not something to do after a failure.",
                f"Write `retry {times} times then {then}`, or only `hold`, `fail` or `skip`.",
            )
            return None, None
        if found[1] and int(found[1]) > MOST_RETRIES:
            self.wrong(
                text.position,
                "bad-otherwise",
                f"{found[1]} times are too many.",
                f"Write at most `retry {MOST_RETRIES} times then {found[2]}`: the tenth begins "
                "after some four minutes.",
            )
            return None, None
        return int(found[1]) if found[1] else None, THEN[found[2]]
