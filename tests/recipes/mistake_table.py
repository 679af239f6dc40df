"""Reads the table of mistakes: `tests/recipes/mistakes/*.txt`, one spoilt recipe an example.

An example is a title, the lines of `base.yaml` that it takes away (`-`) and puts there (`+`), and what
`bridgework check` says then. What it calls or is made from stands in `mistakes/beside`. Characters that can't be seen are written as signs, see ``SIGNS``.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.host import Host, build_host
from engine.recipe.checking.check import check_text
from engine.recipe.findings import Finding

FOLDER = Path(__file__).parent / "mistakes"
BASE = (FOLDER / "base.yaml").read_text(encoding="utf-8")
CONNECTIONS = ("clio", "casestatus", "mailchimp")
SIGNS = {"⇥": "\t", "⍽": "\xa0", "∅": "\u200b"}


@dataclass(frozen=True)
class Mistake:
    """One example.

    :param recipe: the spoilt recipe's text.
    :param said: what the check has to say, as :func:`said` writes it.
    """

    title: str
    recipe: str
    said: str


def read_mistakes(file: Path) -> list[Mistake]:
    _, *blocks = file.read_text(encoding="utf-8").split("\n## ")
    return [read_mistake(block) for block in blocks]


def read_mistake(block: str) -> Mistake:
    title, *lines = block.strip("\n").split("\n")
    taken = "".join(f"{line[1:]}\n" for line in lines if line.startswith("-"))
    put = "".join(f"{line[1:]}\n" for line in lines if line.startswith("+"))
    rest = "\n".join(line for line in lines if line[:1] not in "+-")
    assert not taken or BASE.count(taken) == 1, f"{title}: {taken!r} is not in base.yaml once"
    recipe = BASE.replace(taken, put) if taken else put
    for sign, character in SIGNS.items():
        recipe = recipe.replace(sign, character)
    return Mistake(title, recipe, rest)


def said(found: Sequence[Finding]) -> str:
    """Return what the check says, without the lines it quotes."""
    return "\n".join(map(_as_lines, found))


def findings(recipe: str, host: Host, connections: Collection[str] = CONNECTIONS) -> list[Finding]:
    return check_text(
        recipe, Path("tests/recipes/mistakes/beside/base.yaml"), host, connections, hints=True
    )


def _as_lines(found: Finding) -> str:
    note = "" if found.level == "mistake" else " (note)"
    lines = [f"{found.position.line}:{found.position.column} {found.code}{note}", found.message]
    if found.corrected:
        lines.append(f"Write: {found.corrected.strip()}")
    if found.hint:
        lines.append(found.hint)
    text = "\n    ".join(lines)
    for sign, character in SIGNS.items():
        text = text.replace(character, sign)
    return text


def write_anew(file: Path, host: Host) -> None:
    """Put into the table what the check says now; read the difference before you commit it."""
    head, *blocks = file.read_text(encoding="utf-8").rstrip("\n").split("\n## ")
    written = [head.rstrip("\n")]
    for block in blocks:
        title, *lines = block.rstrip("\n").split("\n")
        asked = "\n".join([title, *(line for line in lines if line[:1] in {"-", "+"})])
        found = findings(read_mistake(asked).recipe, host)
        written.append(f"## {asked}\n{said(found)}")
    file.write_text("\n\n".join(written) + "\n", encoding="utf-8")


if __name__ == "__main__":
    for file in sorted(FOLDER.glob("*.txt")):
        write_anew(file, build_host(strict=True))
