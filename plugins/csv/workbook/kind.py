"""Whether a file is a workbook: asked of every file, so that only workbooks need their reader."""

from plugins.csv.source import Source

#: How a workbook begins: as a zip archive, or as the compound file of older ones.
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(source: Source) -> bool:
    """Say whether a file is a workbook, by what it begins with, and not by its name."""
    with source.open() as file:
        beginning = file.read(8)
        if beginning == COMPOUND:
            return True
        if not beginning.startswith(ZIP):
            return False
        from zipfile import BadZipFile, ZipFile

        try:
            with ZipFile(file) as archive:
                names = archive.namelist()
        except (BadZipFile, ValueError, NotImplementedError):
            return source.name.lower().endswith((".xlsx", ".xlsm", ".xlsb", ".ods"))
        return any(name.startswith("xl/") or name == "content.xml" for name in names)
