"""Reading ``limits:`` and ``mode:``: when a run holds what is new, stops, or waits for another."""

import re
from collections.abc import Mapping

from engine.recipe.model import Limits, Mode
from engine.recipe.reading.keys import LIMITS
from engine.recipe.reading.report import ReportReader
from engine.recipe.texts import Text
from engine.recipe.yaml.nodes import Node, Scalar

NEW = re.compile(r"(\d{1,9})\s+new")
#: What was most likely meant by what can't be read.
NUMBER = re.compile(r"(\d[\d,._]*)(?![\d\s]*%)")


#: What a recipe may say of a run that is asked for while another is active.
MODES: Mapping[str, Mode] = {"single": "single", "queued": "queued", "restart": "restart"}


class LimitsReader(ReportReader):
    """Reads ``limits:`` and ``mode:`` besides what :class:`~engine.recipe.reading.report.ReportReader` reads."""

    def limits(self, node: Node) -> Limits:
        parts = self.entries(node, LIMITS)
        hold, over = parts.get("hold_if_more_than"), parts.get("stop_if_rejected_over")
        new = None if hold is None else self._new(self.text(hold, "hold_if_more_than"))
        return Limits(
            new=new,
            rejected=None if over is None else self.share(over, "stop_if_rejected_over"),
            position=None if hold is None else hold.position,
        )

    def mode(self, node: Node) -> Mode:
        if isinstance(node, Scalar) and node.text.value.strip() == "parallel":
            self.wrong(
                node.position,
                "unknown-choice",
                "Runs of one recipe never go on side by side: a record is in one run at a time.",
                "Write `queued`. A big run is shared by all workers anyway.",
                self.findings.with_word(node.position, "parallel", "queued"),
            )
            return "queued"
        word = self.choice(node, "mode", tuple(MODES))
        return MODES[word] if word else "single"

    def _new(self, text: Text | None) -> int | None:
        """Return how many new records go through by themselves."""
        if text is None:
            return None
        found = NEW.fullmatch(text.value.strip())
        if found is not None:
            return int(found[1])
        number = NUMBER.search(text.value)
        digits = re.sub(r"\D", "", number[1]) if number else ""
        better = f"{digits} new" if digits else "200 new"
        corrected = self.findings.with_word(text.position, text.value, better) if digits else ""
        self.wrong(
            text.position,
            "bad-limit",
            f"'{text.value}' is not a number of new records.",
            "" if corrected else f"Write e.g. `{better}`.",
            corrected,
        )
        return None
