"""What the tests share: a context with folders and kept files, and workbooks made by openpyxl."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from openpyxl import Workbook

from engine.context import Folders
from engine.sdk import Context, PartRead
from engine.store.kept_files import KeptFiles
from engine.store.vault import Vault

PEOPLE = [["No", "First name", "E-Mail"], ["00042", "Ada", "ada@mail.example"], ["7", "Zoë", "zoe@mail.example"]]  # fmt: skip


def context(folder: Path, **more: Any) -> Context:
    return Context(
        http=None,  # type: ignore[arg-type]  # files need no HTTP
        now=datetime(2026, 1, 1, tzinfo=UTC),
        folders=Folders(search=(folder,), output=folder),
        files=KeptFiles(folder / ".kept", Vault([Fernet.generate_key()])),
        **more,
    )


def workbook(*sheets: list[list[Any]], names: tuple[str, ...] = ()) -> bytes:
    """Return a workbook of these sheets, the first of which people see."""
    book = Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets):
        sheet = book.create_sheet(names[number] if names else f"Sheet{number + 1}")
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def records_of(items: list[Any]) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)]


def parts_of(items: list[Any]) -> list[PartRead]:
    return [item for item in items if isinstance(item, PartRead)]
