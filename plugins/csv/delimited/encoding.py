"""How a file's bytes become text: byte order marks, UTF-8, UTF-16, and older encodings."""

import codecs
from collections import Counter

from plugins.csv.delimited.lines import UNDECODABLE
from plugins.csv.source import Source

#: Bytes read at once.
BLOCK_BYTES = 1 << 16
#: Bytes searched for the first letter that isn't ASCII.
SEARCHED_BYTES = 1 << 26

#: Byte order marks: the codec that reads past the mark, and the one for what follows it.
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),  # before UTF-16: it begins with UTF-16's mark
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)

#: Eight-bit and East Asian encodings that spreadsheets still write.
LEGACY_ENCODINGS = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "shift_jis", "gb18030", "big5", "euc_kr", "mac_roman",
]  # fmt: skip


def _mark_undecodable(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return UNDECODABLE, error.end


#: Codec errors of this name leave UNDECODABLE in the text, so that only their row is lost.
MARK_UNDECODABLE = "bridgework-csv"
codecs.register_error(MARK_UNDECODABLE, _mark_undecodable)


def marked(sample: bytes) -> tuple[str, str] | None:
    """Return the two codecs that a byte order mark stands for; None without a mark."""
    return next(((reads, bare) for mark, reads, bare in MARKS if sample.startswith(mark)), None)


def encoding_of(source: Source, sample: bytes) -> str:
    """Return the encoding of a file that begins with ``sample`` and no byte order mark.

    A few bytes that are no UTF-8 in a file that otherwise is cost their rows, not the file.
    """
    if encoding := utf16_without_mark(sample):
        return encoding
    decoder = codecs.getincrementaldecoder("utf-8")(MARK_UNDECODABLE)
    with source.open() as file:
        searched = 0
        while searched < SEARCHED_BYTES and (block := file.read(BLOCK_BYTES)):
            searched += len(block)
            text = decoder.decode(block)
            if text.isascii():
                continue
            bad = text.count(UNDECODABLE)
            good = sum(letter > "\x7f" for letter in text) - bad
            # text of another encoding is hardly ever good UTF-8 by chance
            return "utf-8" if good >= bad else _legacy_encoding(block)
    return "utf-8"


def utf16_without_mark(sample: bytes) -> str | None:
    """Recognise UTF-16 by the zero in every other byte that Latin text has there."""
    even, odd = Counter(sample[::2])[0], Counter(sample[1::2])[0]
    if min(even, odd) * 20 < max(even, odd) and max(even, odd) * 5 > len(sample):
        return "utf-16-le" if odd > even else "utf-16-be"
    return None


def _legacy_encoding(block: bytes) -> str:
    """Guess an eight-bit or East Asian encoding; Windows-1252 unless another is clearly better.

    Windows-1252 and -1250 hold much the same letters in much the same places, and a few names
    are too little to tell them apart.
    """
    from charset_normalizer import from_bytes  # here, because few files get this far

    telling = b"\n".join(line for line in block.splitlines() if not line.isascii())
    matches = from_bytes(telling, cp_isolation=LEGACY_ENCODINGS)
    best = matches.best()
    if best is None:
        return "cp1252"
    for match in matches:
        if "cp1252" in match.could_be_from_charset and match.chaos <= best.chaos + 0.02:
            return "cp1252"
    return str(best.encoding)
