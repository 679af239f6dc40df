"""YAML mistakes in a recipe writer's words, each with the corrected line.

A parser stops at its first mistake. Here the mistaken line is corrected and the text read again,
so that all mistakes are found at once; a correction is offered only if reading then gets further.
"""

import re
from collections.abc import Sequence

from engine.recipe.findings import Findings
from engine.recipe.texts import Position
from engine.recipe.yaml.line_mistakes import LOOKS, Explanation
from engine.recipe.yaml.lines import closing_quote, indent_of, open_brackets, parts_of, quote
from engine.recipe.yaml.nodes import (
    ANCHOR,
    DEEP,
    DEEPEST,
    DIRECTIVE,
    DOCUMENTS,
    MANY,
    MOST_NODES,
    TAG,
    Node,
    YamlMistake,
    compose,
)

#: Readings for the mistakes of one file, and explanations tried for one of them.
MOST_REPAIRS = 40
MOST_GUESSES = 4
#: Characters that are read in all to find the mistakes of one file.
MOST_READ = 60_000
#: A longer line is not looked at letter by letter.
LONGEST_LINE = 5_000
#: How far above a mistake its cause is looked for, e.g. a quote that was never closed.
LINES_ABOVE = 20


def compose_repaired(findings: Findings) -> tuple[Node | None, frozenset[int]]:
    """Return the root of the file's text with its mistakes corrected, and which lines were.

    Every mistake becomes a finding. The root is None when the text is empty or beyond repair.
    """
    lines = list(findings.lines)
    repaired: set[int] = set()
    reading = _Reading()
    mistake = reading.of(lines)
    while mistake is not None:
        explanations = explain(mistake, lines)
        explanation, corrected, again = explanations[0], None, None
        # Of two wrong lines below each other, the upper one has to be corrected first.
        for one in explanations[:MOST_GUESSES]:
            if one.corrected is None or not reading.may_go_on():
                continue
            place = one.position.line - 1
            lines[place], before = one.corrected, lines[place]
            again = reading.of(lines)
            if again is None or again.position.line > one.position.line:
                explanation, corrected = one, one.corrected
                break
            lines[place] = before  # it is no better
        number = explanation.position.line
        findings.add(
            explanation.position,
            explanation.code,
            explanation.message,
            hint=explanation.hint,
            corrected=corrected if corrected and explanation.certain else "",
        )
        if corrected is None or number in repaired:
            return None, frozenset(repaired)
        repaired.add(number)
        mistake = again
    return reading.root, frozenset(repaired)


class _Reading:
    """Reads the text again and again, as often as it takes and not for long.

    Each reading ends at the next mistake, so that many of them far down in a long file would take
    long: then the rest is found once these are corrected.
    """

    def __init__(self) -> None:
        self.root: Node | None = None
        self._readings = 0
        self._characters = 0

    def of(self, lines: Sequence[str]) -> YamlMistake | None:
        """Return the first mistake; without one, ``root`` is what stands in the text."""
        text = "\n".join(lines)
        self._readings += 1
        try:
            self.root = compose(text)
        except YamlMistake as mistake:
            below = len(lines) - mistake.position.line
            self._characters += len(text) - sum(map(len, lines[len(lines) - below :])) - below
            return mistake
        return None

    def may_go_on(self) -> bool:
        return self._readings <= MOST_REPAIRS and self._characters < MOST_READ


def explain(mistake: YamlMistake, lines: Sequence[str]) -> list[Explanation]:
    """Return what a person may have done wrong, from where the parser stopped; likely ones first."""
    if mistake.problem in REFUSED:
        return [_refused(mistake, lines)]
    found = [
        explanation
        for number in _suspects(mistake, lines)
        for look in LOOKS
        if (explanation := look(number, lines[number - 1], mistake)) is not None
    ]
    number = min(mistake.position.line, len(lines))
    if len(lines[number - 1]) > LONGEST_LINE and not mistake.problem.startswith("the character"):
        message = f"This line has {len(lines[number - 1]):,} characters and can't be read."
        hint = "A long text stands below a `|`, in lines of its own."
        return [*found, Explanation(mistake.position, "long-line", message, hint)]
    unclosed = _unclosed(mistake, lines)
    return [*found, *([unclosed] if unclosed else []), _misplaced(mistake, lines)]


def _suspects(mistake: YamlMistake, lines: Sequence[str]) -> list[int]:
    """Return the numbers of the lines to look at: the parser's own, then those just above."""
    last = min(mistake.position.line, len(lines))
    above = [n for n in range(last - 1, max(last - LINES_ABOVE, 0), -1) if lines[n - 1].strip()]
    return [n for n in (last, *above[:1]) if len(lines[n - 1]) <= LONGEST_LINE]


def _refused(mistake: YamlMistake, lines: Sequence[str]) -> Explanation:
    code, message, hint = REFUSED[mistake.problem]
    at = mistake.position
    if mistake.problem == DIRECTIVE:
        at = Position(next(n for n, line in enumerate(lines, 1) if line.startswith("%")), 1)
    before, value, comment = parts_of(lines[at.line - 1])
    if value[:1] not in set("*&!") or at.column != len(before) + 1:
        return Explanation(at, code, message, hint)
    corrected = f"{before}{quote(value)}{comment}"
    return Explanation(at, code, message, hint, corrected, certain=value.startswith("**"))


REFUSED = {
    ANCHOR: (
        "anchor",
        "A value that starts with & or * is a YAML anchor, and recipes don't have those.",
        "If it is text, put quotes round it; else write the value out.",
    ),
    TAG: (
        "tag",
        "A value that starts with ! is a YAML tag, and recipes don't have those.",
        "If it is text, put quotes round it.",
    ),
    DEEP: ("too-deep", f"This is nested more than {DEEPEST} levels deep.", "Write it flatter."),
    MANY: (
        "too-many",
        f"A recipe has at most {MOST_NODES:,} names and values, and here is one more.",
        "Put its tables into files beside it, or its steps into recipes that it calls.",
    ),
    DIRECTIVE: (
        "directive",
        "A line that starts with % is a YAML directive, and recipes don't have those.",
        "Remove the line.",
    ),
    DOCUMENTS: (
        "several-documents",
        "A second recipe starts here; a file holds one recipe.",
        "Remove the line `---`, or move what follows into a file of its own.",
    ),
}


def _unclosed(mistake: YamlMistake, lines: Sequence[str]) -> Explanation | None:
    """Return the explanation for a quote or bracket that was opened above and never closed."""
    last = min(mistake.position.line, len(lines))
    near = list(range(last, max(last - LINES_ABOVE, 0), -1))
    if mistake.opened is not None and mistake.opened.line < last:
        near.append(mistake.opened.line)  # a quote takes in all that follows, to the file's end
    for number in near:
        if len(lines[number - 1]) > LONGEST_LINE:
            continue
        before, value, comment = parts_of(lines[number - 1])
        if value[:1] in {'"', "'"} and closing_quote(value, value[0]) is None:
            return Explanation(
                Position(number, len(before) + 1),
                "unclosed-quote",
                f"The quote {value[0]} that opens here is never closed.",
                "",
                f"{before}{value}{value[0]}",
            )
        if value[:1] in {"{", "["} and open_brackets(value) > 0:
            goes_on = number < len(lines) and indent_of(lines[number]) > indent_of(before)
            closed = value.rstrip(", ") + ("}" if value[0] == "{" else "]")
            return Explanation(
                Position(number, len(before) + 1),
                "unclosed-bracket",
                f"The {value[0]} that opens here is never closed.",
                "Values inside it are separated by commas.",
                None if goes_on else f"{before}{closed}{comment}",
            )
    return None


def _in_line(number: int, lines: Sequence[str]) -> str | None:
    """Return the line in the column of the one above, where it can't stand elsewhere.

    Below `name: value` nothing stands further in, and one space less is a slip.
    """
    line = lines[number - 1]
    above = next((text for text in reversed(lines[: number - 1]) if text.strip()), "")
    before, value, _ = parts_of(above)
    column = len(before) - len(before.lstrip(" -"))
    wanted = re.match(r"\s*(?:- +)*[\w.\"']+:(?:\s|$)", line)
    off = indent_of(line) - column
    if wanted is None or not value or value[:1] in "|>" or not (off > 0 or off == -1):
        return None
    return " " * column + line.lstrip()


def _misplaced(mistake: YamlMistake, lines: Sequence[str]) -> Explanation:
    at = mistake.position
    number = min(at.line, len(lines))
    line = lines[number - 1]
    if mistake.problem.startswith("the character"):
        return Explanation(
            at,
            "odd-character",
            f"There is a character here that no text may hold ({mistake.problem}).",
        )
    if mistake.problem.startswith(("expected", "mapping values", "sequence entries", "could not")):
        return Explanation(
            Position(number, indent_of(line) + 1),
            "indentation",
            "This line doesn't fit the lines above it.",
            "Lines that belong together start in the same column; what belongs to a line stands "
            "two spaces further in.",
            _in_line(number, lines),
        )
    return Explanation(
        at,
        "not-yaml",
        "This line can't be read.",
        "If it is text, put quotes round it.",
    )
