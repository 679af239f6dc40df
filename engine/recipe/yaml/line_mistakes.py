"""Mistakes that one line of YAML shows by itself, each with the line as it should be."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from engine.recipe.reading.keys import ALL_KEYS
from engine.recipe.texts import Position
from engine.recipe.yaml.lines import (
    closing_quote,
    first_outside_quotes,
    indent_of,
    parts_of,
    quote,
    quote_templates,
)
from engine.recipe.yaml.nodes import YamlMistake

#: What stands before a bare expression.
BARE = re.compile(r"\s*(?:- +)*(?:if|key):\s+")
#: The parser's words where a name and its colon were expected, or came unexpectedly.
KEY_EXPECTED = re.compile("expected ':'|mapping values")
QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
#: Keys whose value may be a map on one line, and what stands in it.
MAPS = {
    "if_none": ("reject", "skip"),
    "on_error": ("rate_limited", "no_answer", "bad_answer", "not_found", "rejected", "otherwise"),
    "wait": ("until",),
    "limits": ("hold_if_more_than", "stop_if_rejected_over"),
    "report": ("send_to", "when", "tell_if_rejected_over"),
}
#: A text that needs no quotes within braces.
PLAIN = re.compile(r"[\w][\w .'%/+-]*")
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


def _tab(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    indent = indent_of(line)
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
    column = first_outside_quotes(line, "{{")
    if column is None:
        return None
    before, value, comment = parts_of(line)
    if column < len(before):
        return None
    if BARE.fullmatch(before) and value.startswith("{{"):
        bare = re.sub(r"\{\{\s*|\s*\}\}", "", value)
        return Explanation(
            Position(number, column + 1),
            "unquoted-braces",
            "An expression is written without {{ }}.",
            "",
            f"{before}{bare}{comment}",
        )
    if value.startswith(("{{", "- {{")) or value[:1] not in "{[":
        if not value.startswith("{{") and mistake.position.line != number:
            return None  # `Dear {{ x }}` is plain text, and fine
        corrected = f"{before}{quote(value)}{comment}"
    else:
        corrected = quote_templates(line)
    return Explanation(
        Position(number, column + 1),
        "unquoted-braces",
        "A value with {{ }} needs quotes round it.",
        "Without them YAML takes the braces for something else.",
        corrected,
    )


def _text_after_quote(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    before, value, comment = parts_of(line)
    if value[:1] not in {'"', "'"} or value[:1] == "":
        return None
    mark = value[0]
    end = closing_quote(value, mark)
    if end is None or not value[end + 1 :].strip():
        return None
    last = value.rfind(mark)
    inner, rest = value[1:last], value[last + 1 :]
    corrected = quote(inner + rest)
    if BARE.fullmatch(before):
        whole = re.fullmatch(r"\{\{\s*(.*?)\s*\}\}", inner)
        corrected = whole[1] if whole is not None and not rest else quote(value)
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
    before, value, comment = parts_of(line)
    place = line.rfind("\\", 0, mistake.position.column)
    return Explanation(
        Position(number, max(place, 0) + 1),
        "backslash",
        "In double quotes a backslash has a meaning of its own, and this one has none.",
        "In single quotes it is only a backslash.",
        f"{before}'{value[1:-1]}'{comment}" if "'" not in value else None,
    )


def _reserved_start(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    before, value, comment = parts_of(line)
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
    before, value, comment = parts_of(line)
    if not before.rstrip().endswith(":") or value[:1] in {'"', "'", "{", "[", ""}:
        return None
    colon = re.search(r":(?:\s|$)", value)
    if colon is None:
        return None
    within = re.fullmatch(r"(?P<inner>\w+):\s+(?P<said>[^{}\[\]].*)", value)
    outer = before.strip().removeprefix("- ").rstrip(" :")
    if within is not None and within["inner"] in MAPS.get(outer, ()):
        said = within["said"] if PLAIN.fullmatch(within["said"]) else quote(within["said"])
        return Explanation(
            Position(number, len(before) + colon.start() + 1),
            "map-on-line",
            f"What belongs to '{outer}' stands in braces, or on lines of its own.",
            "",
            f"{before}{{{within['inner']}: {said}}}{comment}",
        )
    return Explanation(
        Position(number, len(before) + colon.start() + 1),
        "colon-in-text",
        "A text with a colon followed by a space needs quotes round it.",
        "",
        f"{before}{quote(value)}{comment}",
    )


def _no_space_after_colon(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    found = re.fullmatch(r"(?P<before>\s*(?:- +)*(?P<key>\w+)):(?P<value>[^\s:/].*)", line)
    known = found is not None and found["key"] in ALL_KEYS
    if found is None or not (known or KEY_EXPECTED.search(mistake.problem)):
        return None
    return Explanation(
        Position(number, len(found["before"]) + 2),
        "no-space-after-colon",
        f"There is no space after '{found['key']}:'.",
        "",
        f"{found['before']}: {found['value']}",
    )


def _hard_space(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    found = re.match(r"[ \xa0]*\xa0|[^:'\"#]*:[ \xa0]*\xa0", line)
    if found is None:
        return None
    corrected = found[0].replace("\xa0", " ") + line[found.end() :]
    return Explanation(
        Position(number, line.index("\xa0") + 1),
        "hard-space",
        "There is a hard space here, which looks like a space and is none.",
        "It came along when the text was copied from a web page or a word processor.",
        corrected,
    )


def _long_dash(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    found = re.match(r"(?P<before>\s*)[–—‒−•*]\s*(?=\w+:)", line)
    if found is None:
        return None
    return Explanation(
        Position(number, len(found["before"]) + 1),
        "long-dash",
        f"An entry of a list begins with a hyphen, `-`, not with {line.strip()[0]}.",
        "Word processors turn hyphens into dashes.",
        f"{found['before']}- {line[found.end() :]}",
    )


def _no_space_after_hyphen(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    found = re.fullmatch(r"(?P<before>\s*-)(?P<rest>\w+:(?:\s.*)?)", line)
    if found is None:
        return None
    return Explanation(
        Position(number, len(found["before"]) + 1),
        "no-space-after-hyphen",
        "There is no space after the hyphen.",
        "",
        f"{found['before']} {found['rest']}",
    )


def _no_colon(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    found = re.fullmatch(
        r"(?P<before>\s*(?:- +)*(?P<key>\w+))(?P<sign>\s*=\s*|\s+)(?P<value>.+)", line
    )
    if found is None or found["key"] not in ALL_KEYS or "expected ':'" not in mistake.problem:
        return None
    return Explanation(
        Position(number, len(found["before"]) + 1),
        "no-colon",
        f"There is no colon after '{found['key']}'.",
        "",
        f"{found['before']}: {found['value']}",
    )


def _crossed_brackets(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    """Find `[a, b}`: a bracket that is closed by one of the other kind."""
    before, value, comment = parts_of(line)
    if value[:1] not in {"[", "{"}:
        return None
    opened: list[str] = []
    bare = QUOTED.sub(lambda text: "·" * len(text[0]), value)
    for place, mark in enumerate(bare):
        if mark in "[{":
            opened.append("]" if mark == "[" else "}")
        elif mark in "]}":
            if not opened:
                return None
            wanted = opened.pop()
            if mark == wanted:
                continue
            missing = bool(opened) and opened[-1] == mark
            rest = value[place:] if missing else value[place + 1 :]
            return Explanation(
                Position(number, len(before) + place + 1),
                "crossed-brackets",
                f"Here {wanted} is missing before the {mark}."
                if missing
                else f"What was opened here is closed with {wanted}, not with {mark}.",
                "",
                f"{before}{value[:place]}{wanted}{rest}{comment}",
            )
    return None


def _list_on_the_line(number: int, line: str, mistake: YamlMistake) -> Explanation | None:
    before, value, _ = parts_of(line)
    if not value.startswith("- ") or not before.rstrip().endswith(":"):
        return None
    return Explanation(
        Position(number, len(before) + 1),
        "list-on-line",
        "A list can't start on the line of its name.",
        "Begin each of its entries on a line of its own with `- `, or write `[one, two]`.",
        f"{before}[{quote(value[2:].strip())}]",
        certain=False,  # more entries may stand below
    )


Look = Callable[[int, str, YamlMistake], Explanation | None]
LOOKS: tuple[Look, ...] = (
    _tab,
    _hard_space,
    _backslash,
    _crossed_brackets,
    _unquoted_braces,
    _text_after_quote,
    _reserved_start,
    _colon_in_text,
    _no_space_after_colon,
    _long_dash,
    _no_space_after_hyphen,
    _no_colon,
    _list_on_the_line,
)
