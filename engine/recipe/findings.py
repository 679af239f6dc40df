"""What ``check`` has to say about a recipe: one finding a cause, each with its place and remedy."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from engine.recipe.texts import Position, Text
from engine.recipe.yaml.lines import quote

#: A hint leaves the recipe usable; a mistake doesn't.
Level = Literal["mistake", "hint"]

#: What no text without quotes can start with.
NO_START = tuple("{[]}'\"@`%*&!|>#,-?")


#: The code of a column that the file of today lacks; another file may have it.
NO_SUCH_COLUMN = "no-such-column"
#: The code of a choice that an account didn't have when it was asked last.
NO_SUCH_CHOICE = "no-such-choice"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One mistake.

    :param code: short stable word, e.g. ``unknown-field``.
    :param message: one sentence: what is wrong.
    :param hint: what to do, e.g. ``Did you mean 'matter'?``; may be empty.
    :param source: the line as written.
    :param corrected: the line as it should be, where that is certain; else empty.
    :param step: id of the step, ``trigger`` or empty.
    """

    file: str
    position: Position
    code: str
    message: str
    hint: str = ""
    source: str = ""
    corrected: str = ""
    recipe: str = ""
    step: str = ""
    level: Level = "mistake"

    @property
    def is_setup(self) -> bool:
        """Whether the recipe is right, and only an account is still to be connected."""
        return self.code == "unknown-connection" and not self.corrected

    def as_text(self) -> str:
        """Return it as lines: place, sentence, the line with a caret, the corrected line, hint."""
        where = f"{self.file}:{self.position.line}:{self.position.column}"
        if self.step:
            where += f" ({self.step if self.step == 'trigger' else f'step {self.step}'})"
        lines = [where, f"  {self.message}"]
        if self.source:
            number = f"{self.position.line} | "
            shown = "".join(c if c.isprintable() else " " for c in self.source)
            lines.append("    " + number + shown)
            lines.append("    " + " " * (len(number) + self.position.column - 1) + "^")
        if self.corrected:
            lines.append(f"  Write: {self.corrected.strip()}")
        if self.hint:
            lines.append(f"  {self.hint}")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        document = asdict(self)
        place = document.pop("position")
        return {**document, **place}


#: A longer line is not shown with its findings: nobody would see the place.
LONGEST_SHOWN = 2_000
#: Findings of one file; the others are found once these are corrected.
MOST_FINDINGS = 200


class EnoughFindings(Exception):
    """So much is wrong that looking for more takes long and helps nobody."""


class Findings:
    """Collects the findings of one recipe file, and knows the file's lines.

    :param lines: of the file as written, whatever was corrected to read on.
    """

    def __init__(self, path: Path, lines: Sequence[str]) -> None:
        self.file = str(path)
        self.recipe = path.stem
        self.lines = lines
        self._found: list[Finding] = []

    def __iter__(self) -> Iterator[Finding]:
        """Yield the findings in the file's order."""
        return iter(
            sorted(self._found, key=lambda found: (found.position.line, found.position.column))
        )

    def __len__(self) -> int:
        return len(self._found)

    def line(self, number: int) -> str:
        """Return a line of the file; empty when there is none of this number."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def add(
        self,
        position: Position,
        code: str,
        message: str,
        *,
        hint: str = "",
        corrected: str = "",
        step: str = "",
        level: Level = "mistake",
    ) -> None:
        """Add a finding; see :class:`Finding` for the arguments.

        :raises EnoughFindings: there are more than anybody corrects in one go.
        """
        if len(self._found) >= MOST_FINDINGS:
            raise EnoughFindings
        self._found.append(
            Finding(
                file=self.file,
                recipe=self.recipe,
                position=position,
                code=code,
                message=_shown(message),
                hint=_shown(hint),
                source=line if len(line := self.line(position.line)) <= LONGEST_SHOWN else "",
                corrected=corrected,
                step=step,
                level=level,
            )
        )

    def about(
        self,
        text: Text,
        code: str,
        message: str,
        hint: str = "",
        *,
        step: str = "",
        better: str = "",
    ) -> None:
        """Add a finding about a text; ``better`` is what it should be, where that is certain."""
        corrected = self.with_word(text.position, text.value, better) if better else ""
        self.add(text.position, code, message, hint=hint, corrected=corrected, step=step)

    def with_word(self, position: Position, old: str, new: str) -> str:
        """Return the line with ``old`` at this place replaced; empty when it isn't there."""
        line, start = self.line(position.line), position.column - 1
        if len(line) > LONGEST_SHOWN or not line.startswith(old, start):
            return ""
        return line[:start] + new + line[start + len(old) :]

    def with_text(self, text: Text, new: str) -> str:
        """Return the line with all of a text replaced; empty when that would need other quotes."""
        line, start = self.line(text.position.line), text.position.column - 1
        mark = line[start - 1 : start] if text.quoted else ""
        if mark == "'" and "'" in new.replace(text.value, ""):
            new = new if "'" in text.value else new.replace("'", '"')
        if mark in {"'", '"'} and (mark in new or (mark == '"' and "\\" in new)):
            other = "'" if mark == '"' else '"'
            if other in new or text.value in {"", other}:
                return ""
            written = f"{mark}{text.value}{mark}"
            before = Position(text.position.line, text.position.column - 1)
            return self.with_word(before, written, f"{other}{new}{other}")
        if not mark and (re.search(r":\s|\s#|:$", new) or new[:1] in NO_START):
            return self.with_word(text.position, text.value, quote(new))
        return self.with_word(text.position, text.value, new)


def _shown(text: str) -> str:
    """Return a sentence of a length that people read, whatever it quotes of the recipe."""
    if len(text) <= LONGEST_SHOWN:
        return text
    return f"{text[: LONGEST_SHOWN // 2]}…{text[-LONGEST_SHOWN // 4 :]}"
