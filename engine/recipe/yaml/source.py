"""A recipe's file: its text, or why there is none."""

import stat
from pathlib import Path

from engine.errors import RecipeError, SetupError
from engine.recipe.findings import Finding, Findings
from engine.recipe.texts import Position
from engine.recipe.yaml.nodes import split_lines

#: Bytes of a recipe; what people write by hand has a tenth of it. Tables may stand in larger files
#: beside the recipe.
LARGEST_FILE = 250_000
#: What other programs than ours save text as, by the bytes it begins with.
ENCODINGS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
START = Position(1, 1)
TOO_LARGE = f"A recipe has at most {LARGEST_FILE:,} characters."
SMALLER = "Put its tables into files beside it, or its steps into recipes that it calls."


def recipe_error(path: Path, findings: list[Finding]) -> RecipeError:
    """Return the error that carries the findings."""
    count = "a mistake" if len(findings) == 1 else f"{len(findings)} mistakes"
    return RecipeError(
        f"The recipe '{path}' has {count}.",
        hint=f"`bridgework check {path}` shows where, and what to write instead.",
        findings=findings,
    )


def read_bytes(path: Path, most: int) -> bytes:
    """Return a file's bytes, and at most one more than ``most``, so that no file fills the memory.

    :raises OSError: there is no such file; or it is none, but a device or a pipe that never ends.
    """
    kind = path.stat().st_mode
    if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
        raise OSError("it is a device, not a file")
    with path.open("rb") as file:
        return file.read(most + 1)


def read_text(path: Path) -> str:
    """Return a recipe file's text.

    :raises RecipeError: it isn't UTF-8, or too large to be a recipe.
    :raises SetupError: there is no such file, or it can't be read.
    """
    try:
        data = read_bytes(path, LARGEST_FILE)
    except FileNotFoundError:
        raise SetupError(
            f"There is no recipe file '{path}'.", hint="Check the name and the folder."
        ) from None
    except IsADirectoryError:
        raise SetupError(f"'{path}' is a folder, not a recipe file.") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise SetupError(f"The recipe file '{path}' can't be read: {why}.") from None
    except ValueError:  # a NUL in its name
        raise SetupError(f"{str(path)!r} can't be the name of a recipe file.") from None
    if len(data) > LARGEST_FILE:
        raise _whole_file(path, START, "too-large", TOO_LARGE, SMALLER)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = split_lines(data[: error.start].decode("utf-8"))
        raise _whole_file(
            path,
            Position(len(before), len(before[-1]) + 1),
            "not-utf-8",
            f"The file is not UTF-8 text but {ENCODINGS.get(data[:2], 'something else')}.",
            "Save it again from your editor with the encoding UTF-8.",
        ) from None


def _whole_file(
    path: Path, position: Position, code: str, message: str, hint: str = ""
) -> RecipeError:
    findings = Findings(path, [])
    findings.add(position, code, message, hint=hint)
    return recipe_error(path, list(findings))
