"""What a recipe says of how a file is written."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """What a recipe says about a file; None leaves it to the file.

    :param sheet: of a workbook: the one to read.
    :param header_row: the number of the line or row at which the header stands.
    """

    delimiter: str | None = None
    encoding: str | None = None
    header: str | Sequence[str] | None = None
    sheet: str | None = None
    header_row: int | None = None
