"""Reading ``report:``: who is told of a recipe's runs, and of which."""

import re
from collections.abc import Mapping

from engine.recipe.model import ReportRule, ReportWhen
from engine.recipe.reading.keys import REPORT
from engine.recipe.reading.reader import Reader
from engine.recipe.templates.coerce import EMAIL
from engine.recipe.yaml.nodes import ListNode, Node, Scalar

WHEN: Mapping[str, ReportWhen] = {
    "always": "always",
    "anything needs attention": "anything needs attention",
    "failure": "failure",
}
SHARE = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*%")


class ReportReader(Reader):
    """Reads ``report:`` besides what :class:`~engine.recipe.reading.reader.Reader` reads."""

    def report(self, node: Node) -> ReportRule:
        if isinstance(node, Scalar) and EMAIL.fullmatch(node.text.value.strip()):
            address = node.text.value.strip()
            better = f"{{send_to: [{address}]}}"
            corrected = self.findings.with_word(node.position, address, better)
            self.wrong(
                node.position,
                "wrong-kind",
                "An address alone doesn't say what it is for.",
                "" if corrected else f"Write `report: {better}`.",
                corrected,
            )
            return ReportRule()
        parts = self.entries(node, REPORT)
        when = self.choice(parts["when"], "when", tuple(WHEN)) if "when" in parts else None
        over = parts.get("tell_if_rejected_over")
        if when is not None and "send_to" not in parts:
            self.wrong(
                node.position,
                "missing-key",
                "The report says when it is sent, but not to whom.",
                "Add `send_to: [you@firm.example]`.",
            )
        return ReportRule(
            send_to=self.addresses(parts["send_to"], "send_to") if "send_to" in parts else (),
            when=WHEN[when] if when else "anything needs attention",
            tell_if_rejected_over=self.share(over, "tell_if_rejected_over") if over else None,
        )

    def addresses(self, node: Node, name: str) -> tuple[str, ...]:
        """Return e-mail addresses: a list of them, or one alone; each once."""
        items = node.items if isinstance(node, ListNode) else (node,)
        if not items:
            self.wrong(node.position, "no-value", f"'{name}' has no address in it.")
        found: list[str] = []
        for item in items:
            text = self.text(item, name)
            if text is None:
                continue
            address = text.value.strip()
            if EMAIL.fullmatch(address) is None:
                self.wrong(
                    text.position,
                    "bad-address",
                    f"'{address}' is not an e-mail address.",
                    "Write one address an entry, e.g. `send_to: [you@firm.example]`.",
                )
            elif address not in found:
                found.append(address)
        return tuple(found)

    def share(self, node: Node, name: str) -> float | None:
        """Return a share such as ``20%``, from 0 to 1."""
        text = self.text(node, name)
        if text is None:
            return None
        found = SHARE.fullmatch(text.value.strip())
        if found is None or float(found[1]) > 100:
            self.wrong(
                text.position,
                "bad-share",
                f"'{text.value}' is not a share.",
                "Write it in percent, e.g. `20%`.",
            )
            return None
        return float(found[1]) / 100
