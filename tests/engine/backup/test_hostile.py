"""A file from elsewhere can't write outside of the home, fill the disk, or pass for a whole backup."""

import gzip
import hashlib
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.backup.container import ROOM
from engine.backup.making import make_backup
from engine.backup.restoring import check_backup, restore_backup
from engine.errors import SetupError
from engine.store.database import open_store
from tests.engine.backup.conftest import put

pytestmark = pytest.mark.sqlite


def rewritten(file: Path, change: Callable[[dict[str, Any], dict[str, bytes]], None]) -> Path:
    """Write a backup anew after changing its manifest and its parts; sums are put right."""
    with tarfile.open(file) as tar:
        parts = {entry.name: tar.extractfile(entry).read() for entry in tar}
    manifest = json.loads(parts.pop("manifest.json"))
    change(manifest, parts)
    for part in manifest["parts"]:
        if part["name"] in parts and part.pop("right", True):
            data = parts[part["name"]]
            part.update(size=len(data), sha256=hashlib.sha256(data).hexdigest())
    made = file.with_name("changed.tar")
    with tarfile.open(made, "w", format=tarfile.GNU_FORMAT) as tar:
        for name, data in {"manifest.json": json.dumps(manifest).encode(), **parts}.items():
            entry = tarfile.TarInfo(name)
            data = data.ljust(ROOM) if name == "manifest.json" else data
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return made


def part_of(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    return next(part for part in manifest["parts"] if part["name"] == name)


def folder_with(*entries: tarfile.TarInfo) -> bytes:
    """Return a compressed tar of these entries; files are full of x."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for entry in entries:
            tar.addfile(entry, io.BytesIO(b"x" * entry.size) if entry.isreg() else None)
    return packed.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0, link: str = "") -> Any:
    made = tarfile.TarInfo(name)
    made.type, made.size, made.linkname = kind, size, link
    return made


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, new_home: Callable[[Path], Path]) -> bytes:
    folder = tmp_path_factory.mktemp("saved")
    store = open_store(new_home(folder / "home"))
    store.files.save("brief.pdf", [b"%PDF "])
    put(store.home / "files" / "clients.csv", "name\n")
    put(folder / "recipes" / "night.yaml", "name: Every night\n")
    made = make_backup(store, folder / "recipes", folder / "all.tar", with_keys=True)
    store.close()
    return made.file.read_bytes()


@pytest.fixture
def saved(original: bytes, tmp_path: Path) -> Path:
    file = tmp_path / "all.tar"
    file.write_bytes(original)
    return file


@pytest.fixture
def is_refused(tmp_path: Path) -> Callable[[Path, str], None]:
    """Restoring it is refused for this reason, and leaves nothing."""

    def check(file: Path, because: str) -> None:
        home = tmp_path / "deep" / "new"
        with pytest.raises(SetupError, match=because):
            restore_backup(file, home, tmp_path / "new-recipes")
        assert [path.name for path in home.glob("*")] in ([], ["serve.lock"])
        assert not (tmp_path / "new-recipes").exists()
        assert not (tmp_path / "deep" / "evil").exists()

    return check


ESCAPES = {
    "upwards": (entry("../../evil"), "leads out of its folder"),
    "a link": (entry("evil", tarfile.SYMTYPE, link="/etc/passwd"), "no plain file"),
    "a hard link": (entry("evil", tarfile.LNKTYPE, link="../x"), "no plain file"),
    "a device": (entry("evil", tarfile.CHRTYPE), "no plain file"),
    "a pipe": (entry("evil", tarfile.FIFOTYPE), "no plain file"),
    "a folder": (entry("evil", tarfile.DIRTYPE), "no plain file"),
    "more than it says": (entry("evil", size=70_000), "more than it says"),
}


@pytest.mark.parametrize(("found", "because"), ESCAPES.values(), ids=ESCAPES.keys())
def test_only_plain_files_below_the_folder_are_unpacked(saved, is_refused, found, because):
    def change(manifest, parts):
        parts["files.tar.gz"] = folder_with(found)
        part_of(manifest, "files.tar.gz").update(files=1, unpacked=found.size and found.size - 1)

    is_refused(rewritten(saved, change), because)


def additions(**values: str) -> bytes:
    """Return an addition to the next entry, as POSIX has them; of lines that are short."""
    lines = "".join(f"{len(f'{k}={v}') + 4} {k}={v}\n" for k, v in values.items()).encode()
    head = entry("x", tarfile.XHDTYPE, len(lines)).tobuf(tarfile.GNU_FORMAT)
    return head + lines.ljust(512, b"\0")


PLAIN, END = entry("evil").tobuf(tarfile.GNU_FORMAT), bytes(1024)
NONSENSE = {
    "additions without end": additions(comment="xx") * 1500 + PLAIN,
    "no character of a name": additions(path="xx\0xx") + PLAIN,
    "no moment": additions(mtime="infinit") + PLAIN,
    "a moment after all": additions(mtime="9e99999") + PLAIN,
    "no number": additions(**{"GNU.sparse.map": "0,x", "GNU.sparse.size": "xxx"}) + PLAIN,
    "folders without end": additions(path="d/" * 40) + PLAIN,
    "a file as a folder": PLAIN + entry("evil/in").tobuf(tarfile.GNU_FORMAT),
    "no name": entry("").tobuf(tarfile.GNU_FORMAT),
    "the folder itself": entry(".").tobuf(tarfile.GNU_FORMAT),
}


@pytest.mark.parametrize("found", NONSENSE.values(), ids=NONSENSE.keys())
def test_entries_that_make_no_sense_are_damage_and_no_defect(saved, is_refused, found):
    def change(manifest, parts):
        parts["files.tar.gz"] = gzip.compress(found + END)
        part_of(manifest, "files.tar.gz").update(files=2, unpacked=0)

    is_refused(rewritten(saved, change), "makes no sense|holds less than it says")


def test_a_file_that_begins_with_nonsense_is_none_of_ours(saved, is_refused):
    saved.write_bytes(NONSENSE["additions without end"] + saved.read_bytes())
    is_refused(saved, "makes no sense")


def test_a_name_as_long_as_a_book_is_not_taken_into_memory(saved, is_refused):
    def change(manifest, parts):
        parts["files.tar.gz"] = folder_with(entry("evil" * 100_000))
        part_of(manifest, "files.tar.gz").update(files=1, unpacked=0)

    is_refused(rewritten(saved, change), "isn't what Bridgework writes")


def test_what_unpacks_to_more_than_there_is_room_for_is_refused(saved, is_refused):
    def change(manifest, parts):
        part_of(manifest, "files.tar.gz").update(unpacked=2**60)

    is_refused(rewritten(saved, change), "no room for this backup: it unpacks to 1152922 TB")


def test_a_database_that_unpacks_to_more_than_it_says_is_refused(saved, is_refused):
    def change(manifest, parts):
        parts["database.sqlite.gz"] = gzip.compress(bytes(50_000_000))

    is_refused(rewritten(saved, change), "more than it says")


def test_a_database_that_would_act_by_itself_is_refused(saved, is_refused, tmp_path):
    def change(manifest, parts):
        file = tmp_path / "evil.db"
        file.write_bytes(gzip.decompress(parts["database.sqlite.gz"]))
        with sqlite3.connect(file) as database:
            database.execute(
                "CREATE TRIGGER evil AFTER INSERT ON runs BEGIN DELETE FROM ledger; END"
            )
        database.close()
        parts["database.sqlite.gz"] = gzip.compress(file.read_bytes())
        part_of(manifest, "database.sqlite.gz").update(unpacked=file.stat().st_size)

    is_refused(rewritten(saved, change), "holds what Bridgework never makes")


def test_a_database_that_lacks_a_table_is_refused(saved, is_refused, tmp_path):
    def change(manifest, parts):
        file = tmp_path / "less.db"
        file.write_bytes(gzip.decompress(parts["database.sqlite.gz"]))
        with sqlite3.connect(file) as database:
            database.execute("DROP TABLE intents")
        database.close()
        parts["database.sqlite.gz"] = gzip.compress(file.read_bytes())
        part_of(manifest, "database.sqlite.gz").update(unpacked=file.stat().st_size)

    is_refused(rewritten(saved, change), "lacks the table 'intents'")


def test_a_database_that_is_none_is_refused(saved, is_refused):
    def change(manifest, parts):
        parts["database.sqlite.gz"] = gzip.compress(b"x" * 8192)

    is_refused(rewritten(saved, change), "its database can't be read")


def test_a_part_that_nobody_promised_is_refused(saved, is_refused):
    is_refused(
        rewritten(saved, lambda _, parts: parts.update({"more.tar.gz": b"x"})), "doesn't name"
    )


def test_a_part_of_another_name_is_refused(saved, is_refused):
    def change(manifest, parts):
        parts["../../evil"] = parts.pop("files.tar.gz")
        part_of(manifest, "files.tar.gz").update(name="../../evil")

    is_refused(rewritten(saved, change), "it holds a part called")


def test_a_part_that_is_promised_twice_is_refused(saved, is_refused):
    def change(manifest, parts):
        manifest["parts"].append(part_of(manifest, "files.tar.gz"))

    is_refused(rewritten(saved, change), "names a part twice")


def test_a_missing_part_is_named(saved, is_refused):
    is_refused(rewritten(saved, lambda _, parts: parts.pop("files.tar.gz")), "files.tar.gz")


def test_one_wrong_byte_is_found_before_anything_is_unpacked(saved, is_refused):
    with tarfile.open(saved) as tar:
        place = tar.getmember("kept-files.tar.gz").offset_data
    data = bytearray(saved.read_bytes())
    data[place + 20] ^= 1
    saved.write_bytes(data)
    with pytest.raises(SetupError, match=r"checksum of kept-files\.tar\.gz is another one"):
        check_backup(saved)
    is_refused(saved, "checksum")


@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.95])
def test_a_file_cut_off_is_refused(saved, is_refused, share):
    data = saved.read_bytes()
    saved.write_bytes(data[: int(len(data) * share)])
    is_refused(saved, "damaged|no backup")


@pytest.mark.parametrize(
    ("change", "because"),
    [
        ({"migration": "9999", "bridgework": "7.0"}, r"newer version of Bridgework \(7.0\)"),
        ({"format": 2, "rows": "another kind"}, "newer version of Bridgework"),
        ({"rows": "x"}, "no backup of Bridgework"),
        ({"parts": [{"name": 1}]}, "no backup of Bridgework"),
    ],
    ids=["newer tables", "newer format", "no numbers", "no parts"],
)
def test_what_a_newer_bridgework_made_is_refused_kindly(saved, is_refused, change, because):
    is_refused(rewritten(saved, lambda manifest, _: manifest.update(change)), because)


def test_another_file_is_no_backup(tmp_path, is_refused):
    (tmp_path / "holiday.jpg").write_bytes(bytes(range(256)) * 40)
    is_refused(tmp_path / "holiday.jpg", "no.* Bridgework's")
    is_refused(tmp_path / "nowhere.tar", "can't be read: No such file")
