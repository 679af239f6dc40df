"""Which keys a file holds, remembered between two batches: else each would read the whole file."""

from pathlib import Path

from plugins.csv.writing.sheet import Sheet
from plugins.csv.writing.workbook import WorkbookSheet

#: Files remembered at once, by every process for itself.
LIMIT = 8

_Stamp = tuple[int, int, int]
_remembered: dict[tuple[Path, int], tuple[_Stamp, set[str]]] = {}


def keys_in(sheet: Sheet | WorkbookSheet, place: int) -> set[str]:
    """Return the texts of the column at ``place``; read again when others changed the file."""
    if not sheet.exists:
        return set()
    found = _remembered.get((sheet.path, place))
    if found is not None and found[0] == _stamp(sheet.path):
        return found[1]
    return {cells[place].strip() for cells in sheet.rows() if len(cells) > place}


def remember(path: Path, place: int, keys: set[str]) -> None:
    """Keep the keys of a file just written, while its lock is held."""
    _remembered.pop((path, place), None)
    _remembered[path, place] = (_stamp(path), keys)
    while len(_remembered) > LIMIT:
        _remembered.pop(next(iter(_remembered)))


def _stamp(path: Path) -> _Stamp:
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns
