"""A recipe's file: its text, or why there is none."""

from pathlib import Path

from engine.errors import RecipeError, SetupError
from engine.recipe.findings import Finding, Findings
from engine.recipe.nodes import split_lines
from engine.recipe.texts import Position

LARGEST_FILE = 1_000_000
START = Position(1, 1)


def recipe_error(path: Path, findings: list[Finding]) -> RecipeError:
    """Return the error that carries the findings."""
    count = "a mistake" if len(findings) == 1 else f"{len(findings)} mistakes"
    return RecipeError(
        f"The recipe '{path}' has {count}.",
        hint=f"`bridgework check {path}` shows where, and what to write instead.",
        findings=findings,
    )


def read_text(path: Path) -> str:
    """Return a recipe file's text.

    :raises RecipeError: it isn't UTF-8, or too large to be a recipe.
    :raises SetupError: there is no such file, or it can't be read.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SetupError(
            f"There is no recipe file '{path}'.", hint="Check the name and the folder."
        ) from None
    except IsADirectoryError:
        raise SetupError(f"'{path}' is a folder, not a recipe file.") from None
    except OSError as error:
        raise SetupError(f"The recipe file '{path}' can't be read: {error.strerror}.") from None
    if len(data) > LARGEST_FILE:
        message = f"The file has {len(data):,} bytes; a recipe has at most {LARGEST_FILE:,}."
        raise _whole_file(path, START, "too-large", message)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = split_lines(data[: error.start].decode("utf-8"))
        raise _whole_file(
            path,
            Position(len(before), len(before[-1]) + 1),
            "not-utf-8",
            "The file is not UTF-8 text.",
            "Save it again from your editor with the encoding UTF-8.",
        ) from None


def _whole_file(
    path: Path, position: Position, code: str, message: str, hint: str = ""
) -> RecipeError:
    findings = Findings(path, [])
    findings.add(position, code, message, hint=hint)
    return recipe_error(path, list(findings))
