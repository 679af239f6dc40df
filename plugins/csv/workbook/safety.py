"""A look into a workbook before it is read: how large it unfolds, and what its cells hide.

A workbook is a zip archive of XML. A few kilobytes of it can unfold into gigabytes, or name a cell in
the last row and column, for which the reader would lay out the whole sheet in memory. So every part
is unpacked here first, piece by piece, whatever the archive says of its size; nothing is kept of it
but what the reader doesn't tell: which cells hold errors, and which numbers are shown with leading
zeros.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from engine.sdk import SetupError

#: Bytes that a workbook may unfold to.
LARGEST = 1_500_000_000
#: Cells that a sheet may have, blank ones among them: about 100 bytes of memory each.
MOST_CELLS = 12_000_000
#: Cells with errors, or with leading zeros, that are remembered.
MOST_NOTED = 2_000_000
PIECE = 1 << 20

_CELL = re.compile(rb"<(?:\w+:)?c\s[^<>]*>")
_REFERENCE = re.compile(rb"\sr=[\"']([A-Z]{1,3})(\d{1,7})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br=[\"'](\d{1,7})[\"']")
_COLUMN = re.compile(rb"<(?:\w+:)?c\s[^<>]*?\br=[\"']([A-Z]{1,3})\d{1,7}[\"']")
_IS_ERROR = re.compile(rb"\st=[\"']e[\"']")
_STYLE = re.compile(rb"\ss=[\"'](\d{1,6})[\"']")
_IS_TEXT = re.compile(rb"\st=[\"'](?!n[\"'])")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^<>]*>")
_FORMAT_ID = re.compile(rb"numFmtId=[\"'](\d+)[\"']")
_FORMAT_CODE = re.compile(rb"formatCode=[\"'](0{2,15})(?:;[^\"']*)?[\"']")
_CELL_STYLES = re.compile(rb"<(?:\w+:)?cellXfs.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_ONE_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^<>]*>")


@dataclass
class Noted:
    """What stands in a sheet that its values don't tell, by ``(row, column)`` from 0.

    :ivar errors: cells that hold an error such as #REF!.
    :ivar zeros: numbers shown with leading zeros, and with how many digits.
    """

    errors: set[tuple[int, int]] = field(default_factory=set)
    zeros: dict[tuple[int, int], int] = field(default_factory=dict)


def looked_into(file: BinaryIO, name: str, part: str) -> Noted:
    """Return what is to be known of one sheet.

    :param name: the workbook's, for people.
    :param part: the sheet's part of the archive, e.g. ``xl/worksheets/sheet1.xml``.
    :raises SetupError: the workbook is damaged, or would unfold to more than is taken.
    """
    noted, left = Noted(), LARGEST
    try:
        with ZipFile(file) as archive:
            padded: dict[int, int] = {}
            for info in sorted(
                archive.infolist(), key=lambda info: info.filename != "xl/styles.xml"
            ):
                sheet = _Sheet(name, noted, padded) if info.filename == part else None
                styles = b""
                for piece in _unpacked(file, info, left, name):
                    left -= len(piece)
                    if sheet is not None:
                        sheet.look_at(piece)
                    elif info.filename == "xl/styles.xml" and len(styles) < 4 * PIECE:
                        styles += piece
                padded |= _padded(styles)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise damaged(name) from error
    return noted


def damaged(name: str) -> SetupError:
    return SetupError(
        f"The workbook '{name}' is damaged or not complete.",
        hint="Open it in Excel and save it again, or export it anew.",
    )


class _Sheet:
    def __init__(self, name: str, noted: Noted, padded: dict[int, int]) -> None:
        self._name, self._noted, self._padded = name, noted, padded
        self._rest = b""
        self._rows = 0
        self._columns: set[bytes] = set()

    def look_at(self, piece: bytes) -> None:
        """Take in the next piece of the sheet's XML.

        :raises SetupError: the sheet is too large.
        """
        text = self._rest + piece
        end = text.rfind(b"<")
        text, self._rest = (text[:end], text[end:]) if end > 0 else (b"", text)
        if len(self._rest) > 4 * PIECE:
            raise damaged(self._name)
        self._rows = max(self._rows, max(map(int, _ROW.findall(text)), default=0))
        self._columns.update(_COLUMN.findall(text))
        width = max(map(_place, self._columns), default=-1) + 1
        if self._rows * width > MOST_CELLS:
            raise SetupError(
                f"The sheet of '{self._name}' is too large: {self._rows:,} rows by {width:,} columns.",
                hint="Delete rows and columns that only look empty (Ctrl+End shows where the sheet "
                "ends), or save it as CSV, which may be of any size.",
            )
        if self._padded or b't="e"' in text or b"t='e'" in text:
            self._note(text)

    def _note(self, text: bytes) -> None:
        noted = self._noted
        for cell in _CELL.findall(text):
            is_error = _IS_ERROR.search(cell) is not None
            digits = 0
            if self._padded and not is_error and not _IS_TEXT.search(cell):
                style = _STYLE.search(cell)
                digits = self._padded.get(int(style[1]), 0) if style else 0
            if not (is_error or digits) or (where := _REFERENCE.search(cell)) is None:
                continue
            place = int(where[2]) - 1, _place(where[1])
            if is_error and len(noted.errors) < MOST_NOTED:
                noted.errors.add(place)
            elif digits and len(noted.zeros) < MOST_NOTED:
                noted.zeros[place] = digits


def _unpacked(file: BinaryIO, info: ZipInfo, most: int, name: str) -> Iterator[bytes]:
    """Yield a part of an archive as it really unfolds, which its own entry may lie about.

    :raises SetupError: it unfolds to more than ``most`` bytes.
    """
    if info.compress_type not in (0, 8):
        raise BadZipFile
    file.seek(info.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise BadZipFile
    file.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    packed, size = info.compress_size, 0
    inflate = zlib.decompressobj(-15)
    while packed > 0 and (data := file.read(min(PIECE, packed))):
        packed -= len(data)
        while data:
            if info.compress_type == 0:
                piece, data = data, b""
            else:
                piece = inflate.decompress(data, PIECE)
                data = inflate.unconsumed_tail
            size += len(piece)
            if size > most:
                raise SetupError(
                    f"The workbook '{name}' unfolds to more than {LARGEST / 1e9:g} GB.",
                    hint="Such a file is made to do harm, or far too large: save it as CSV.",
                )
            yield piece
            if inflate.eof:
                return


def _padded(styles: bytes) -> dict[int, int]:
    """Return the styles of cells that show leading zeros, by their number, with their digits."""
    codes: dict[int, int] = {}
    for entry in _FORMAT.findall(styles):
        number, code = _FORMAT_ID.search(entry), _FORMAT_CODE.search(entry)
        if number and code:
            codes[int(number[1])] = len(code[1])
    block = _CELL_STYLES.search(styles)
    if not codes or block is None:
        return {}
    found: dict[int, int] = {}
    for place, entry in enumerate(_ONE_STYLE.findall(block[0])):
        number = _FORMAT_ID.search(entry)
        if number and int(number[1]) in codes:
            found[place] = codes[int(number[1])]
    return found


def _place(letters: bytes) -> int:
    """Return a column's place from 0: A is 0, AA is 26."""
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1
