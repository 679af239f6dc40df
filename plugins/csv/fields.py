"""The parameters that reading and writing share, as people see them."""

from typing import Annotated, Literal

from engine.sdk import Field, SetupError, TypedDict

FileName = Annotated[str, Field("File", help="Its name in the recipe's folders, or its full path.")]
Delimiter = Annotated[
    str | None,
    Field(
        "Delimiter",
        help="What stands between two cells: `,` `;` `|` or `tab`. Left out, it is found out.",
    ),
]
Encoding = Annotated[
    str | None,
    Field(
        "Encoding",
        help="How letters are stored, e.g. utf-8 or windows-1252. Left out, it is found out.",
    ),
]
Header = Annotated[
    Literal["first line", "none"] | list[str] | None,
    Field(
        "Column names",
        help="`first line`, `none` (they are called column_1, column_2 …), or a list of names for "
        "a file that has none. Left out, it is found out.",
    ),
]

Sheet = Annotated[
    str | None,
    Field("Sheet", help="Of an Excel workbook: the sheet's name. Left out, the first one."),
]
HeaderRow = Annotated[
    int | None,
    Field(
        "Header's row",
        help="The number of the line or row in which the column names stand, where others stand "
        "above it. Left out, it is found out.",
    ),
]


class OptionFields(TypedDict, total=False):
    """What a recipe may say of how a file is written."""

    delimiter: Delimiter
    encoding: Encoding
    header: Header
    sheet: Sheet
    header_row: HeaderRow


Key = Annotated[
    str | None,
    Field(
        "Key column",
        help="The column that tells rows apart, e.g. email. Left out, it is the line number, and "
        "then a row that moves to another line counts as another row.",
    ),
]

#: Characters that are hard to write in a recipe, by the words people use for them.
DELIMITER_WORDS = {"comma": ",", "semicolon": ";", "tab": "\t", r"\t": "\t", "pipe": "|"}


def delimiter_character(text: str | None) -> str | None:
    """Return the character that ``text`` means; None stays None.

    :raises SetupError: it is neither one character nor one of the words.
    """
    if text is None:
        return None
    character = DELIMITER_WORDS.get(text.strip().lower(), text)
    if len(character) != 1 or character in '"\r\n\0':
        raise SetupError(
            f"{text!r} can't be a delimiter.", hint="Give one character, or the word `tab`."
        )
    return character


def codec_name(text: str | None) -> str | None:
    """Return Python's name for an encoding; None stays None.

    :raises SetupError: there is no such text encoding.
    """
    if text is None:
        return None
    try:
        "".encode(text)
    except (LookupError, ValueError):
        raise SetupError(
            f"There is no text encoding called {text!r}.",
            hint="The usual ones are utf-8, windows-1252 and utf-16.",
        ) from None
    return text
