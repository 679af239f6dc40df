"""How a CSV file is written: its encoding, delimiter, quotation marks and header.

Only the beginning of a file is looked at, and where that is plain ASCII, its first other bytes.
"""

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from io import StringIO
from itertools import islice
from pathlib import Path

from engine.sdk import SetupError
from plugins.csv.columns import Column, named
from plugins.csv.dialect import SAMPLE_LINES, Dialect, dialect_of
from plugins.csv.encoding import MARK_UNDECODABLE, encoding_of, marked, utf16_without_mark
from plugins.csv.lines import Lines
from plugins.csv.records import records

#: Bytes looked at for delimiter and header.
SAMPLE_BYTES = 1 << 16

#: What other files begin with.
SIGNATURES = (
    (b"PK\x03\x04", "an Excel workbook or another zip archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel 97–2003 workbook or another Office document"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"SQLite format 3\0", "a database"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


@dataclass(frozen=True)
class Layout:
    """How one file is written.

    :param encoding: reads the file from its beginning, over a byte order mark if there is one.
    :param bare_encoding: the same without the mark, for what is added at the end.
    :param skip: lines before the first row, i.e. a ``sep=`` line.
    :param titles: the header's texts, or invented ones.
    :param has_header: whether the first row is the header.
    """

    encoding: str
    bare_encoding: str
    dialect: Dialect
    skip: int
    titles: tuple[str, ...]
    has_header: bool

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        return named(self.titles)


def layout_of(
    path: Path,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: str | Sequence[str] | None = None,
) -> Layout:
    """Find out how a file is written, as far as the arguments leave it open.

    :param header: ``first line``, ``none``, or the names of a file without a header.
    :raises SetupError: it is empty, no text, or its first line can't be read.
    """
    sample = _beginning(path)
    _refuse_other_files(sample, path)
    # a mark is certain, whatever the recipe says
    encoding, bare_encoding = marked(sample) or (encoding or encoding_of(path, sample),) * 2
    text = _whole_lines(sample, encoding)
    announced = re.match(r"sep=(.)\r?\n", text)  # Excel's own way to name the delimiter
    if announced:
        text = text[announced.end() :]
    dialect = dialect_of(text, delimiter or (announced and announced[1]))
    rows = list(islice(records(Lines(StringIO(text, newline="").read), dialect), SAMPLE_LINES))
    if not rows:
        raise SetupError(f"'{path.name}' is empty.", hint="Export it again.")
    first = rows[0]
    if not isinstance(first, tuple):
        raise SetupError(
            f"The first line of '{path.name}' can't be read: {first.reason}", hint=first.hint
        )
    cells = first[2]
    others = [row[2] for row in rows[1:] if isinstance(row, tuple)]
    titles, has_header = _header(path, header, cells, others)
    return Layout(encoding, bare_encoding, dialect, 1 if announced else 0, titles, has_header)


# -- header --------------------------------------------------------------------------------------

_KINDS = (
    ("email", re.compile(r"\S+@\S+\.\S+")),
    ("year", re.compile(r"(19|20)\d\d")),
    ("date", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?")),
    ("number", re.compile(r"[-+($€£]*\d[\d .,()/-]*%?")),
)


def _header(
    path: Path,
    wanted: str | Sequence[str] | None,
    first: Sequence[str],
    others: Sequence[Sequence[str]],
) -> tuple[tuple[str, ...], bool]:
    if wanted == "first line" or (wanted is None and looks_like_header(first, others)):
        return tuple(title.strip() for title in first), True
    if wanted is None or wanted == "none":
        return tuple(f"column_{place}" for place in range(1, len(first) + 1)), False
    names = tuple(wanted)
    if all(len(row) != len(names) for row in (first, *others)):
        raise SetupError(
            f"'{path.name}' has {len(first)} columns, but `header` names {len(names)}.",
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


# -- the sample ----------------------------------------------------------------------------------


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE_BYTES)


def _refuse_other_files(sample: bytes, path: Path) -> None:
    if not sample:
        raise SetupError(f"'{path.name}' is empty.", hint="Export it again.")
    what = next((what for mark, what in SIGNATURES if sample.startswith(mark)), None)
    if what is None and re.match(rb"\s*<(!doctype html|html)\b", sample, re.IGNORECASE):
        what = "a web page"
    if what is None and not _is_text(sample):
        what = "not text"
    if what is not None:
        raise SetupError(
            f"'{path.name}' is {what}, not a CSV file.",
            hint="Save or export it as CSV, in Excel as 'CSV UTF-8'.",
        )


def _is_text(sample: bytes) -> bool:
    """Say whether few bytes are control characters; UTF-16 has zeros in between."""
    if marked(sample) or utf16_without_mark(sample):
        return True
    control = sum(sample.count(code) for code in range(32) if code not in b"\t\n\v\f\r\x1a\x1b")
    return control < 4 or control * 20 < len(sample)


def _whole_lines(sample: bytes, encoding: str) -> str:
    """Decode the sample, without a last line that it cuts."""
    decoder = codecs.getincrementaldecoder(encoding)(MARK_UNDECODABLE)
    text = decoder.decode(sample, final=len(sample) < SAMPLE_BYTES)
    if len(sample) < SAMPLE_BYTES:
        return text
    end = max(text.rfind("\n"), text.rfind("\r")) + 1
    return text[:end] or text
