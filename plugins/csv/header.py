"""Whether a file's first row names its columns."""

import re
from collections.abc import Sequence

from engine.sdk import SetupError

_KINDS = (
    ("email", re.compile(r"\S+@\S+\.\S+")),
    ("year", re.compile(r"(19|20)\d\d")),
    ("date", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")),
    ("number", re.compile(r"[-+($€£]*\d[\d .,()/-]*%?")),
)


def header_of(
    name: str,
    wanted: str | Sequence[str] | None,
    first: Sequence[str],
    others: Sequence[Sequence[str]],
) -> tuple[tuple[str, ...], bool]:
    """Return the header's texts, and whether the first row is the header.

    :param name: of the file.
    :param wanted: ``first line``, ``none``, the names of a file without a header, or None: it is
        found out.
    :raises SetupError: the names given are too few or too many.
    """
    if wanted == "first line" or (wanted is None and looks_like_header(first, others)):
        return tuple(title.strip() for title in first), True
    if wanted is None or wanted == "none":
        return tuple(f"column_{place}" for place in range(1, len(first) + 1)), False
    names = tuple(wanted)
    if all(len(row) != len(names) for row in (first, *others)):
        raise SetupError(
            f"'{name}' has {len(first)} columns, but `header` names {len(names)}.",
            hint="Name every column, also those the recipe doesn't use.",
        )
    return names, tuple(first) == names


def looks_like_header(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Say whether ``first`` names the columns of ``others``.

    It does unless it holds an e-mail address, or more of its cells look like the cells below
    them (numbers, dates) than stand out from them. Text above text says nothing.
    """
    kinds = [_kind(cell) for cell in first]
    if "email" in kinds:
        return False
    stands_out = alike = 0
    for place, kind in enumerate(kinds):
        below = {_kind(row[place]) for row in others if place < len(row) and row[place].strip()}
        if not below:
            alike += bool(kind)
        elif len(below) == 1 and below != {""}:
            alike += below == {kind}
            stands_out += below != {kind}
    return stands_out >= alike


def _kind(cell: str) -> str:
    text = cell.strip()
    return next((kind for kind, pattern in _KINDS if pattern.fullmatch(text)), "")
