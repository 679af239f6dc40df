"""YAML mistakes in a recipe writer's words, each with the corrected line.

A parser stops at its first mistake. Here the mistaken line is corrected and the text read again,
so that all mistakes are found at once; a correction is offered only if reading then gets further.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.recipe.findings import Findings
from engine.recipe.keys import ALL_KEYS
from engine.recipe.model import Position
from engine.recipe.nodes import (
    ANCHOR,
    DEEP,
    DEEPEST,
    DIRECTIVE,
    DOCUMENTS,
    TAG,
    Node,
    YamlMistake,
    compose,
)

MOST_REPAIRS = 20
#: How far above a mistake its cause is looked for, e.g. a quote that was never closed.
LINES_ABOVE = 20

LINE = re.compile(
    r"(?P<before>\s*(?:- +)*(?:(?P<key>[\w.-]+|\"[^\"]*\"|'[^']*')\s*:(?:\s+|$))?)(?P<value>.*?)\s*"
)
COMMENT = re.compile(r"(?:^|\s)#(?:\s|$)")
#: A text can't start with these.
RESERVED = "@`%*&!|>"


@dataclass(frozen=True)
class Explanation:
    """A mistake in plain words.

    :param corrected: what the line at fault should be.
    :param certain: the correction is surely what was meant, so it is shown; else it only serves
        to read on.
    """

    position: Position
    code: str
    message: str
    hint: str = ""
    corrected: str | None = None
    certain: bool = True


def compose_repaired(text: str, findings: Findings) -> tuple[Node | None, frozenset[int]]:
    """Return the root of ``text`` with its mistakes corrected, and which lines were.

    Every mistake becomes a finding. The root is None when the text is empty or beyond repair.
    """
    lines = list(findings.lines)
    repaired: set[int] = set()
    for _ in range(MOST_REPAIRS):
        try:
            return compose("\n".join(lines)), frozenset(repaired)
        except YamlMistake as mistake:
            explanation = explain(mistake, lines)
        number, corrected = explanation.position.line, explanation.corrected
        good = corrected is not None and _gets_further(lines, number, corrected)
        findings.add(
            explanation.position,
            explanation.code,
            explanation.message,
            hint=explanation.hint,
            corrected=corrected if good and corrected and explanation.certain else "",
        )
        if not good or corrected is None or number in repaired:
            break
        repaired.add(number)
        lines[number - 1] = corrected
    return None, frozenset(repaired)


def _gets_further(lines: Sequence[str], number: int, corrected: str) -> bool:
    """Return whether the text can be read beyond line ``number`` once that line is corrected."""
    try:
        compose("\n".join([*lines[: number - 1], corrected, *lines[number:]]))
    except YamlMistake as mistake:
        return mistake.position.line > number
    return True


def explain(mistake: YamlMistake, lines: Sequence[str]) -> Explanation:
    """Return what a person did wrong, from where the parser stopped."""
    if mistake.problem in REFUSED:
        return _refused(mistake, lines)
    for number in _suspects(mistake, lines):
        for look in LOOKS:
            found = look(number, lines[number - 1], mistake)
            if found is not None:
                return found
    return _unclosed(mistake, lines) or _misplaced(mistake, lines)


def _suspects(mistake: YamlMistake, lines: Sequence[str]) -> list[int]:
    """Return the numbers of the lines to look at: the parser's own, then those just above."""
    last = min(mistake.position.line, len(lines))
    above = [n for n in range(last - 1, max(last - LINES_ABOVE, 0), -1) if lines[n - 1].strip()]
    return [last, *above[:1]]


def _refused(mistake: YamlMistake, lines: Sequence[str]) -> Explanation:
    code, message, hint = REFUSED[mistake.problem]
    at = mistake.position
    if mistake.problem == DIRECTIVE:
        at = Position(next(n for n, line in enumerate(lines, 1) if line.startswith("%")), 1)
    before, value, comment = _parts(lines[at.line - 1])
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


# -- one line at a time ----------------------------------------------------------------------------


def _tab(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    indent = _indent(line)
    column = line.find("\t")
    stopped_here = mistake.position == Position(number, column + 1)
    if column < 0 or (column >= indent and not stopped_here):
        return None
    return Explanation(
        Position(number, column + 1),
        "tab",
        "There is a tab here; recipes are indented with spaces.",
        "Set your editor to write two spaces for a tab.",
        line.replace("\t", "  ") if column < indent else line.replace("\t", " "),
    )


def _unquoted_braces(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    column = _first_outside_quotes(line, "{{")
    if column is None:
        return None
    before, value, comment = _parts(line)
    if column < len(before):
        return None
    if value.startswith(("{{", "- {{")) or value[:1] not in "{[":
        if not value.startswith("{{") and mistake.position.line != number:
            return None  # `Dear {{ x }}` is plain text, and fine
        corrected = f"{before}{quote(value)}{comment}"
    else:
        corrected = _quote_within(line)
    return Explanation(
        Position(number, column + 1),
        "unquoted-braces",
        "A value with {{ }} needs quotes round it.",
        "Without them YAML takes the braces for something else.",
        corrected,
    )


def _text_after_quote(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    before, value, comment = _parts(line)
    if value[:1] not in {'"', "'"} or value[:1] == "":
        return None
    mark = value[0]
    end = _closing(value, mark)
    if end is None or not value[end + 1 :].strip():
        return None
    last = value.rfind(mark)
    inner, rest = value[1:last], value[last + 1 :]
    corrected = quote(inner + rest) if last > end else quote(f"{inner}{rest}")
    return Explanation(
        Position(number, len(before) + end + 1),
        "quote-in-quotes",
        f"The text ends at this {mark}, but more follows on the line.",
        "Where quotes stand inside quotes, use the other kind outside.",
        f"{before}{corrected}{comment}",
    )


def _backslash(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    if mistake.position.line != number or "escape" not in mistake.problem:
        return None
    before, value, comment = _parts(line)
    place = line.rfind("\\", 0, mistake.position.column)
    return Explanation(
        Position(number, max(place, 0) + 1),
        "backslash",
        "In double quotes a backslash has a meaning of its own, and this one has none.",
        "In single quotes it is only a backslash.",
        f"{before}'{value[1:-1]}'{comment}" if "'" not in value else None,
    )


def _reserved_start(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    before, value, comment = _parts(line)
    if value[:1] not in set(RESERVED) or mistake.position.line != number:
        return None
    if value[:1] in "|>" and len(value) < 3:
        return None
    return Explanation(
        Position(number, len(before) + 1),
        "reserved-character",
        f"A text can't start with {value[0]} unless it is in quotes.",
        "",
        f"{before}{quote(value)}{comment}",
    )


def _colon_in_text(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    before, value, comment = _parts(line)
    if not before.rstrip().endswith(":") or value[:1] in {'"', "'", "{", "[", ""}:
        return None
    colon = re.search(r":(?:\s|$)", value)
    if colon is None:
        return None
    return Explanation(
        Position(number, len(before) + colon.start() + 1),
        "colon-in-text",
        "A text with a colon followed by a space needs quotes round it.",
        "",
        f"{before}{quote(value)}{comment}",
    )


def _no_space_after_colon(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    found = re.fullmatch(r"(?P<before>\s*(?:- +)*(?P<key>\w+)):(?P<value>[^\s:/].*)", line)
    if found is None or found["key"] not in ALL_KEYS:
        return None
    return Explanation(
        Position(number, len(found["before"]) + 2),
        "no-space-after-colon",
        f"There is no space after '{found['key']}:'.",
        "",
        f"{found['before']}: {found['value']}",
    )


def _list_on_the_line(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    before, value, _ = _parts(line)
    if not value.startswith("- ") or not before.rstrip().endswith(":"):
        return None
    return Explanation(
        Position(number, len(before) + 1),
        "list-on-line",
        "A list can't start on the line of its name.",
        "Begin each of its entries on a line of its own with `- `, or write `[one, two]`.",
    )


Look = Callable[[int, str, YamlMistake], Explanation | None]
LOOKS: tuple[Look, ...] = (
    _tab,
    _backslash,
    _unquoted_braces,
    _text_after_quote,
    _reserved_start,
    _colon_in_text,
    _no_space_after_colon,
    _list_on_the_line,
)


# -- over several lines ----------------------------------------------------------------------------


def _unclosed(mistake: YamlMistake, lines: Sequence[str]) -> Explanation | None:
    """Return the explanation for a quote or bracket that was opened above and never closed."""
    last = min(mistake.position.line, len(lines))
    for number in range(last, max(last - LINES_ABOVE, 0), -1):
        before, value, comment = _parts(lines[number - 1])
        if value[:1] in {'"', "'"} and _closing(value, value[0]) is None:
            return Explanation(
                Position(number, len(before) + 1),
                "unclosed-quote",
                f"The quote {value[0]} that opens here is never closed.",
                "",
                f"{before}{value}{value[0]}",
            )
        if value[:1] in {"{", "["} and _depth(value) > 0:
            goes_on = number < len(lines) and _indent(lines[number]) > _indent(before)
            closed = value.rstrip(", ") + ("}" if value[0] == "{" else "]")
            return Explanation(
                Position(number, len(before) + 1),
                "unclosed-bracket",
                f"The {value[0]} that opens here is never closed.",
                "Values inside it are separated by commas.",
                None if goes_on else f"{before}{closed}{comment}",
            )
    return None


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
            Position(number, _indent(line) + 1),
            "indentation",
            "This line doesn't fit the lines above it.",
            "Lines that belong together start in the same column; what belongs to a line stands "
            "two spaces further in.",
        )
    return Explanation(
        at,
        "not-yaml",
        "This line can't be read.",
        "If it is text, put quotes round it.",
    )


# -- parts of a line -------------------------------------------------------------------------------


def quote(value: str) -> str:
    """Return a text in the quotes that need the least change within it."""
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def _parts(line: str) -> tuple[str, str, str]:
    """Return a line's indentation with name and colon, its value, and its comment."""
    found = LINE.fullmatch(line)
    if found is None:
        return "", line, ""
    before, value = found["before"], found["value"]
    start = _closing(value, value[0]) if value[:1] in {'"', "'"} else 0
    comment = COMMENT.search(value, start or 0) if start is not None else None
    if comment is None:
        return before, value, ""
    return (
        before,
        value[: comment.start()].rstrip(),
        value[len(value[: comment.start()].rstrip()) :],
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _depth(value: str) -> int:
    """Return how many brackets of a flow map or list are still open at the end of the line."""
    bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", value)
    return sum(bare.count(mark) for mark in "{[") - sum(bare.count(mark) for mark in "}]")


def _closing(value: str, mark: str) -> int | None:
    """Return where the quote that opens ``value`` closes."""
    place = 1
    while place < len(value):
        if value[place] == "\\" and mark == '"':
            place += 1
        elif value[place] == mark:
            if mark == '"' or value[place + 1 : place + 2] != "'":
                return place
            place += 1
        place += 1
    return None


def _first_outside_quotes(line: str, wanted: str) -> int | None:
    mark = ""
    for place, letter in enumerate(line):
        if mark:
            mark = "" if letter == mark else mark
        elif letter in "\"'" and (place == 0 or line[place - 1] in " {[,:"):
            mark = letter
        elif line.startswith(wanted, place):
            return place
    return None


def _quote_within(line: str) -> str:
    """Return the line with quotes round each unquoted ``{{ }}`` in a flow map or list."""
    for _ in range(line.count("{{")):
        start = _first_outside_quotes(line, "{{")
        end = line.find("}}", start or 0)
        if start is None or end < 0:
            break
        begin = max(line.rfind(mark, 0, start) + len(mark) for mark in (": ", ", ", "[", "{"))
        begin = min(begin, start) if line[begin:start].strip() else start
        stop = end + 2
        while stop < len(line) and line[stop] not in ",}]":
            stop += 1
        value = line[begin:stop].strip()
        line = line[:begin] + quote(value) + line[begin + len(line[begin:stop].rstrip()) :]
    return line
