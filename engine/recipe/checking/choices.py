"""The finding about a choice that an account doesn't have."""

from engine.fields import Schema
from engine.nouns import listed
from engine.recipe.choices import names
from engine.recipe.findings import NO_SUCH_CHOICE, Findings
from engine.recipe.suggest import MOST_NAMES, nearest, surely
from engine.recipe.texts import Text


def no_such_choice(
    findings: Findings, text: Text, title: str, choices: Schema, account: str, step: str
) -> None:
    """Add the finding.

    :param title: what people call the field; ``choices`` is what the account said of it.
    """
    there = names(choices)
    near = nearest(text.value, there)
    better = surely(text.value, near, there)
    quoted = listed([f"'{one}'" for one in there], MOST_NAMES)
    meant = f"Did you mean '{near}'? " if near else ""
    findings.add(
        text.position,
        NO_SUCH_CHOICE,
        f"There is no {title[:1].lower()}{title[1:]} '{text.value}' in this account; there are: "
        f"{quoted}.",
        hint=f"{meant}`bridgework connections refresh {account}` asks it afresh.",
        corrected=findings.with_word(text.position, text.value, better) if better else "",
        step=step,
    )
