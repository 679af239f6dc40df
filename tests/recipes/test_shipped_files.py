"""The shipped recipes with Excel sheets, watched folders and SFTP servers, from end to end."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from engine.cli.connecting import connect
from engine.host import build_host
from engine.store.database import open_store
from plugins.csv.places import place, sftp
from plugins.csv.practice.sftp_server import SftpPractice
from tests.recipes.conftest import Bench


def test_an_excel_sheet_joins_the_newsletter(bench: Bench) -> None:
    book = Workbook()
    book.active.append(["Notes only"])
    sheet = book.create_sheet("Contacts")
    sheet.append(["First name", "Last name", "E-Mail", "Newsletter"])
    sheet.append(["Ada", "Byron", "ada.new-in-excel@mail.example", "yes"])
    sheet.append(["Zoë", "Müller", "zoe@mail.example", "No"])
    sheet.append(["Cy", "Twombly", "no address", "yes"])
    file = BytesIO()
    book.save(file)
    (bench.home / "files" / "contacts.xlsx").write_bytes(file.getvalue())
    assert bench.run("excel-contacts-to-mailchimp") == {"created": 1, "skipped": 1, "rejected": 1}
    assert bench.run("excel-contacts-to-mailchimp") == {"unchanged": 1, "skipped": 1, "rejected": 1}


def test_a_new_file_of_clients_is_read_once_and_moved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place.settled, "__kwdefaults__", {"clock": lambda: 0.0})
    folder = bench.home / "files" / "new-clients"
    folder.mkdir()
    contacts = Path("recipes/samples/contacts.csv").read_text("utf-8").splitlines()
    (folder / "may.csv").write_text("\n".join(contacts[:3]) + "\n", "utf-8")
    first = bench.run("new-client-files-to-case-status")
    assert first["created"] >= 1
    assert [path.name for path in (folder / "done").iterdir()] == ["may.csv"]
    assert not (folder / "may.csv").exists()
    assert bench.run("new-client-files-to-case-status").get("created", 0) == 0


def test_files_of_a_server_become_one_list(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sftp, "PAUSE", 0.05)
    monkeypatch.setattr(place.settled, "__kwdefaults__", {"clock": lambda: 0.0})
    outgoing = tmp_path / "server" / "outgoing"
    outgoing.mkdir(parents=True)
    store = open_store(bench.home)
    with SftpPractice(tmp_path / "server").serving() as server:
        connector = build_host(strict=True).connector("csv")
        connect(store, connector, "firm-sftp", server.settings())
        store.close()
        (outgoing / "a.csv").write_text(
            "number,name,email\n00042,Ada,ADA@mail.example\n7,Zoë,z@x.example\n"
        )
        assert bench.run("sftp-files-to-csv") == {"created": 2}
        assert [path.name for path in outgoing.iterdir()] == ["done"]
        (outgoing / "b.csv").write_text(
            "number,name,email\n7,Zoë Müller,z@x.example\n8,Cy,c@x.example\n"
        )
        assert bench.run("sftp-files-to-csv") == {"updated": 1, "created": 1}
    text = (bench.home / "files" / "customers.csv").read_text("utf-8-sig")
    assert text.splitlines() == [
        "number,name,email,from file",
        "00042,Ada,ada@mail.example,a.csv",
        "7,Zoë Müller,z@x.example,b.csv",
        "8,Cy,c@x.example,b.csv",
    ]
