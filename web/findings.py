"""What is wrong with a recipe's text, mistake by mistake, ready for a template."""

from dataclasses import dataclass
from pathlib import Path

from engine.recipe.findings import Finding


@dataclass(frozen=True)
class FindingNote:
    """One mistake in a recipe, with its line and the line as it should be.

    :param source: the line as written, and below it a caret under the mistake.
    """

    code: str
    file: str
    line: int
    place: str
    message: str
    hint: str
    source: str
    corrected: str


def finding_note(finding: Finding) -> FindingNote:
    source = finding.source
    if source:
        source += "\n" + " " * (finding.position.column - 1) + "^"
    return FindingNote(
        code=finding.code,
        file=Path(finding.file).name,
        line=finding.position.line,
        place=_place_of(finding),
        message=finding.message,
        hint="" if _has_button(finding) else finding.hint,
        source=source,
        corrected=finding.corrected,
    )


def _has_button(finding: Finding) -> bool:
    """Whether the page offers a button for what the hint says by a command."""
    return finding.code == "unknown-connection" and finding.hint.startswith("`")


def _place_of(finding: Finding) -> str:
    if finding.step in ("", "trigger"):
        return "in the trigger" if finding.step else ""
    return f"in the step {finding.step}"
