"""One line of YAML taken apart by eye: what a person sees in it, whether it parses or not."""

import re

LINE = re.compile(
    r"(?P<before>\s*(?:- +)*(?:(?P<key>[\w.-]+|\"[^\"]*\"|'[^']*')\s*:(?:\s+|$))?)(?P<value>.*)"
)
COMMENT = re.compile(r"(?:^|\s)#(?:\s|$)")


def quote(value: str) -> str:
    """Return a text in the quotes that need the least change within it."""
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def parts_of(line: str) -> tuple[str, str, str]:
    """Return a line's indentation with name and colon, its value, and its comment."""
    found = LINE.fullmatch(line.rstrip())
    if found is None:
        return "", line, ""
    before, value = found["before"], found["value"]
    start = closing_quote(value, value[0]) if value[:1] in {'"', "'"} else 0
    comment = COMMENT.search(value, start or 0) if start is not None else None
    if comment is None:
        return before, value, ""
    bare = value[: comment.start()].rstrip()
    return before, bare, value[len(bare) :]


def indent_of(line: str) -> int:
    return len(line) - len(line.lstrip())


def open_brackets(value: str) -> int:
    """Return how many brackets of a flow map or list are still open at the end of the line."""
    bare = re.sub(r"\"(?:[^\"\\]|\\.)*\"|'[^']*'", "", value)
    return sum(bare.count(mark) for mark in "{[") - sum(bare.count(mark) for mark in "}]")


def closing_quote(value: str, mark: str) -> int | None:
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


def first_outside_quotes(line: str, wanted: str) -> int | None:
    mark = ""
    for place, letter in enumerate(line):
        if mark:
            mark = "" if letter == mark else mark
        elif letter in "\"'" and (place == 0 or line[place - 1] in " {[,:"):
            mark = letter
        elif line.startswith(wanted, place):
            return place
    return None


def quote_templates(line: str) -> str:
    """Return the line with quotes round each unquoted ``{{ }}`` in a flow map or list."""
    for _ in range(line.count("{{")):
        start = first_outside_quotes(line, "{{")
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
