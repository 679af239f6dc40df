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

from engine.sdk import SetupError
from plugins.csv.columns import Column, named
from plugins.csv.delimited.dialect import SAMPLE_LINES, Dialect, dialect_of
from plugins.csv.delimited.encoding import MARK_UNDECODABLE, encoding_of, marked, utf16_without_mark
from plugins.csv.delimited.lines import Lines
from plugins.csv.delimited.records import records
from plugins.csv.header import header_of
from plugins.csv.source import Source

#: Bytes looked at for delimiter and header.
SAMPLE_BYTES = 1 << 16

#: What other files begin with.
SIGNATURES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
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
    :param skip: lines before the first row, e.g. a ``sep=`` line.
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
    source: Source,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    header: str | Sequence[str] | None = None,
    header_row: int | None = None,
) -> Layout:
    """Find out how a file is written, as far as the arguments leave it open.

    :param header: ``first line``, ``none``, or the names of a file without a header.
    :param header_row: the number of the line at which the header, or the first row, stands.
    :raises SetupError: it is empty, no text, or its first line can't be read.
    """
    sample = _beginning(source)
    _refuse_other_files(sample, source)
    # a mark is certain, whatever the recipe says
    encoding, bare_encoding = marked(sample) or (encoding or encoding_of(source, sample),) * 2
    text = _whole_lines(sample, encoding)
    announced = re.match(r"sep=(.)\r?\n", text)  # Excel's own way to name the delimiter
    skip = max((header_row or 1) - 1, 1 if announced else 0)
    text = "".join(StringIO(text, newline="").readlines()[skip:])
    dialect = dialect_of(text, delimiter or (announced and announced[1]))
    rows = list(islice(records(Lines(StringIO(text, newline="").read), dialect), SAMPLE_LINES))
    if not rows:
        raise SetupError(
            f"'{source.name}' is empty{f' from line {header_row} on' if header_row else ''}.",
            hint="Export it again.",
        )
    first = rows[0]
    if not isinstance(first, tuple):
        raise SetupError(
            f"The first line of '{source.name}' can't be read: {first.reason}", hint=first.hint
        )
    cells = first[2]
    others = [row[2] for row in rows[1:] if isinstance(row, tuple)]
    titles, has_header = header_of(source.name, header, cells, others)
    return Layout(encoding, bare_encoding, dialect, skip, titles, has_header)


# -- the sample ----------------------------------------------------------------------------------


def _beginning(source: Source) -> bytes:
    with source.open() as file:
        return file.read(SAMPLE_BYTES)


def _refuse_other_files(sample: bytes, source: Source) -> None:
    if not sample:
        raise SetupError(f"'{source.name}' is empty.", hint="Export it again.")
    what = next((what for mark, what in SIGNATURES if sample.startswith(mark)), None)
    if what is None and re.match(rb"\s*<(!doctype html|html)\b", sample, re.IGNORECASE):
        what = "a web page"
    if what is None and not _is_text(sample):
        what = "not text"
    if what is not None:
        raise SetupError(
            f"'{source.name}' is {what}, not a CSV file or an Excel workbook.",
            hint="Save or export it as CSV, in Excel as 'CSV UTF-8' or as a workbook (.xlsx).",
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
