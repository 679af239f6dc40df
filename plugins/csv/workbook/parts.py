"""In which part of a workbook's archive a sheet is."""

import re
import zlib
from html import unescape
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from plugins.csv.workbook.safety import damaged


def part_of(file: BinaryIO, name: str, wanted: str | None) -> str:
    """Return the part of the archive that holds a sheet; empty where it isn't found.

    Found out without the reader, which would unpack whatever the archive holds.
    """
    try:
        with ZipFile(file) as archive:
            book = _text_of(archive, "xl/workbook.xml")
            links = _text_of(archive, "xl/_rels/workbook.xml.rels")
    except (BadZipFile, ValueError, NotImplementedError, zlib.error) as error:
        raise damaged(name) from error
    sheets = [_attributes(tag) for tag in re.findall(r"<(?:\w+:)?sheet\s[^<>]*>", book)]
    targets = {
        one.get("Id"): one.get("Target", "")
        for one in map(_attributes, re.findall(r"<(?:\w+:)?Relationship\s[^<>]*>", links))
    }
    names = [sheet.get("name", "") for sheet in sheets]
    title = chosen(
        names, [n for n, s in zip(names, sheets, strict=True) if "state" not in s], wanted
    )
    for sheet in sheets:
        if sheet.get("name") == title:
            id = next((value for key, value in sheet.items() if key.endswith(":id")), None)
            path = targets.get(id, "").lstrip("/")
            return path if path.startswith("xl/") else f"xl/{path}"
    return ""


def _attributes(tag: str) -> dict[str, str]:
    found = re.findall(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return {name: unescape(one or other) for name, one, other in found}


def chosen(names: list[str], visible: list[str], wanted: str | None) -> str | None:
    """Return the name of the sheet that is meant; None where there is none of that name."""
    if wanted is None:
        return next(iter([*visible, *names]), None)
    plain = wanted.strip().casefold()
    return next((name for name in names if name.strip().casefold() == plain), None)


def _text_of(archive: ZipFile, part: str) -> str:
    try:
        with archive.open(part) as opened:
            return opened.read(4_000_000).decode("utf-8", "replace")
    except KeyError:
        return ""
