"""Applying the corrections that are certain: what ``bridgework check --fix`` does.

A line is replaced by the one that its finding offers, and nothing else of the file changes. Correcting
one mistake may bring the next to light, so the text is checked again until nothing certain is left.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.errors import SetupError
from engine.host import Host
from engine.recipe.checking.check import check_text
from engine.recipe.editing.writing import write_whole
from engine.recipe.findings import Finding
from engine.recipe.yaml.nodes import LINE_END
from engine.recipe.yaml.source import read_text

#: Every round corrects a line at least; no line has so many mistakes that hide each other.
MOST_ROUNDS = 50
BOM = "\ufeff"


@dataclass(frozen=True)
class Change:
    """One line that was corrected.

    :param messages: what was wrong with it, in the order it was found.
    """

    file: str
    line: int
    before: str
    after: str
    messages: tuple[str, ...]

    def as_text(self) -> str:
        number = f"{self.line} | "
        return "\n".join(
            (
                f"{self.file}:{self.line} corrected",
                *(f"  {message}" for message in self.messages),
                f"    - {number}{self.before}",
                f"    + {number}{self.after}",
            )
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Fixed:
    """A text with its certain mistakes corrected.

    :param changes: the lines that changed, in their order.
    :param left: what there still is to say about it.
    """

    text: str
    changes: tuple[Change, ...]
    left: tuple[Finding, ...]


def fix_file(path: Path, host: Host, connections: Collection[str] | None = None) -> Fixed:
    """Correct a recipe's file; see :func:`fix_text`.

    :raises SetupError: the file can't be read or written, or changed meanwhile.
    :raises RecipeError: it is no text.
    """
    text = read_text(path)
    fixed = fix_text(text, path, host, connections)
    if fixed.text != text:
        replace_text(path, text, fixed.text)
    return fixed


def fix_text(
    text: str, path: Path, host: Host, connections: Collection[str] | None = None
) -> Fixed:
    """Return the text with every correction that is certain; all else stays byte for byte.

    :param path: names it in findings.
    :param connections: names of the connections there are; None leaves them unchecked.
    """
    mark = BOM if text.startswith(BOM) else ""
    lines, ends = split_with_ends(text.removeprefix(BOM))
    original = list(lines)
    messages: dict[int, list[str]] = {}
    seen = {tuple(lines)}

    def check() -> list[Finding]:
        return check_text(mark + join(lines, ends), path, host, connections, hints=True)

    found = check()
    for _ in range(MOST_ROUNDS):
        corrections = dict(_corrections(found, lines))
        if not corrections:
            break
        before = list(lines)
        for number, finding in corrections.items():
            lines[number - 1] = finding.corrected
        if tuple(lines) in seen:
            lines = before
            break
        seen.add(tuple(lines))
        for number, finding in corrections.items():
            messages.setdefault(number, []).append(finding.message)
        found = check()
    changes = tuple(
        Change(str(path), number, original[number - 1], lines[number - 1], tuple(said))
        for number, said in sorted(messages.items())
        if original[number - 1] != lines[number - 1]
    )
    return Fixed(mark + join(lines, ends), changes, tuple(found))


def replace_text(path: Path, old: str, new: str) -> None:
    """Write a recipe's file anew, unless somebody else has meanwhile.

    :raises SetupError: it changed since ``old`` was read, is a link, or can't be written.
    """
    if path.is_symlink():
        raise SetupError(
            f"'{path}' is a link to another file, which is left alone.",
            hint=f"Name the file itself: {path.resolve()}.",
        )
    try:
        if path.read_bytes() != old.encode():
            raise SetupError(f"'{path}' changed meanwhile and was left alone.", hint="Try again.")
        write_whole(path, new)
    except OSError as error:
        raise SetupError(f"The recipe file '{path}' can't be written: {error.strerror}.") from error


def split_with_ends(text: str) -> tuple[list[str], list[str]]:
    """Return the lines as YAML counts them, and what ends each."""
    parts = re.split(f"({LINE_END.pattern})", text)
    return parts[::2], [*parts[1::2], ""]


def join(lines: Sequence[str], ends: Sequence[str]) -> str:
    return "".join(line + end for line, end in zip(lines, ends, strict=True))


def _corrections(found: Sequence[Finding], lines: Sequence[str]) -> Iterator[tuple[int, Finding]]:
    """Yield one correction a line, the last one first, so that the first stands in the end.

    What is wrong in a recipe's blueprint, or in one that it calls, isn't corrected here.
    """
    for finding in reversed(found):
        number = finding.position.line
        own = number <= len(lines) and lines[number - 1] == finding.source
        if own and finding.corrected and finding.corrected != finding.source:
            yield number, finding
