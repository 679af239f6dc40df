"""Files of an SFTP server: its key is pinned, files come whole, and are written all or nothing."""

from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import paramiko
import pytest

from engine.sdk import Accepted, AuthError, Context, RetryableError, SetupError
from plugins.csv import connector
from plugins.csv.actions import append_rows, upsert_rows
from plugins.csv.attached import save_file
from plugins.csv.places import sftp
from plugins.csv.practice.sftp_server import SftpPractice
from plugins.csv.triggers import columns, row_read
from plugins.csv.watched import row_of_new_file
from tests.plugins.csv.desk import context, parts_of, records_of

CSV = b"email,name\nada@mail.example,Ada\n"
SECRETS = ("password", "private_key", "passphrase")
HOST_KEY = paramiko.ECDSAKey.generate()


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sftp, "PAUSE", 0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SftpPractice]:
    (tmp_path / "remote" / "in").mkdir(parents=True)
    with SftpPractice(tmp_path / "remote", HOST_KEY).serving() as practice:
        yield practice


def at(tmp_path: Path, server: SftpPractice, **changed: Any) -> Context:
    settings = {**server.settings(), **changed}
    return context(
        tmp_path,
        connection={key: value for key, value in settings.items() if key not in SECRETS},
        secrets={key: value for key, value in settings.items() if key in SECRETS and value},
    )


def check(ctx: Context) -> Any:
    assert connector.check_function is not None
    return connector.check_function(ctx)


def test_rows_are_read_and_columns_known(tmp_path: Path, server: SftpPractice) -> None:
    (server.folder / "in" / "a.csv").write_bytes(CSV)
    ctx = at(tmp_path, server)
    assert list(row_read(ctx, file="in/a.csv")) == list(row_read(ctx, file="/in/a.csv"))
    [row] = row_read(at(tmp_path, server, folder="/in"), file="a.csv")
    assert row["email"] == "ada@mail.example"  # type: ignore[index]  # no bad records here
    assert "email" in columns(ctx, file="in/a.csv")["properties"]
    with pytest.raises(SetupError, match=r"no file 'b\.csv' on the server"):
        list(row_read(ctx, file="b.csv"))


def test_an_unknown_server_is_shown_and_not_trusted(tmp_path: Path, server: SftpPractice) -> None:
    with pytest.raises(SetupError) as caught:
        check(at(tmp_path, server, fingerprint=""))
    assert server.fingerprint in caught.value.message
    assert server.requests == []
    assert check(at(tmp_path, server, fingerprint=server.fingerprint)) == "firm at 127.0.0.1"
    only_hash = server.fingerprint.split()[1]
    assert check(at(tmp_path, server, fingerprint=only_hash)) == "firm at 127.0.0.1"


def test_another_server_than_the_known_one_gets_no_password(
    tmp_path: Path, server: SftpPractice
) -> None:
    other = paramiko.ECDSAKey.generate()
    with pytest.raises(AuthError, match="another key than the one that was confirmed") as caught:
        check(at(tmp_path, server, fingerprint=f"{other.get_name()} {other.fingerprint}"))
    assert "somebody may stand between" in caught.value.hint
    assert server.requests == []


@pytest.mark.parametrize("passphrase", ["", "hush"])
def test_a_private_key_logs_in(tmp_path: Path, server: SftpPractice, passphrase: str) -> None:
    key = paramiko.ECDSAKey.generate()
    text = StringIO()
    key.write_private_key(text, password=passphrase or None)
    server.user_key = key
    given = {"password": "", "private_key": text.getvalue(), "passphrase": passphrase}
    assert check(at(tmp_path, server, **given)) == "firm at 127.0.0.1"
    if passphrase:
        with pytest.raises(SetupError, match="has a passphrase, which isn't given"):
            check(at(tmp_path, server, **{**given, "passphrase": ""}))
    server.user_key = paramiko.ECDSAKey.generate()
    with pytest.raises(AuthError, match="doesn't accept the user name"):
        check(at(tmp_path, server, **given))
    with pytest.raises(SetupError, match="can't be read, or its passphrase is another"):
        check(at(tmp_path, server, password="", private_key="-----BEGIN nonsense"))


def test_a_wrong_password_and_a_missing_one(tmp_path: Path, server: SftpPractice) -> None:
    with pytest.raises(AuthError, match="doesn't accept the user name"):
        check(at(tmp_path, server, password="wrong"))
    with pytest.raises(SetupError, match="neither a password nor a private key"):
        check(at(tmp_path, server, password=""))


def test_a_server_that_is_away_is_tried_later(tmp_path: Path) -> None:
    with SftpPractice(tmp_path, HOST_KEY).serving() as gone:
        pass
    with pytest.raises(RetryableError, match=r"127\.0\.0\.1 can't be reached"):
        check(at(tmp_path, gone))


def test_new_files_are_read_once_and_moved(tmp_path: Path, server: SftpPractice) -> None:
    (server.folder / "in" / "a.csv").write_bytes(CSV)
    (server.folder / "in" / ".a.csv.part").write_bytes(CSV)
    done: set[str] = set()
    ctx = at(tmp_path, server)
    object.__setattr__(ctx, "unread", lambda parts: set(parts) - done)

    def read() -> list[Any]:
        return list(row_of_new_file(ctx, folder="in", unchanged_for=0, afterwards="move to done"))

    items = read()
    assert [row["file_name"] for row in records_of(items)] == ["a.csv"]
    for part in parts_of(items):
        done.add(part.part)
        assert part.then is not None
        part.then()
    assert (server.folder / "in" / "done" / "a.csv").exists()
    assert read() == []


def test_a_file_that_grows_between_two_looks_is_left(
    tmp_path: Path, server: SftpPractice, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    path = server.folder / "in" / "a.csv"
    path.write_bytes(CSV)
    os.utime(path, (1_700_000_000,) * 2)
    ctx = at(tmp_path, server)

    def grows(_: float) -> None:
        path.write_bytes(path.read_bytes() + b"zoe@mail.example,Zo\n")

    monkeypatch.setattr(sftp.time, "sleep", grows)
    assert list(row_of_new_file(ctx, folder="in")) == []
    os.utime(path, (1_700_000_000,) * 2)
    monkeypatch.setattr(sftp.time, "sleep", lambda _: None)
    assert len(records_of(list(row_of_new_file(ctx, folder="in")))) == 2


@pytest.mark.parametrize("posix_rename", [True, False], ids=["openssh", "plain"])
@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_rows_are_written_by_their_key(
    tmp_path: Path, server: SftpPractice, posix_rename: bool, name: str
) -> None:
    server.posix_rename = posix_rename
    ctx = at(tmp_path, server)
    for person, sum_ in (("Ada", "1"), ("Zoë", "2"), ("Ada", "3")):
        rows: Any = [{"columns": {"name": person, "sum": sum_}}]
        [result] = upsert_rows(ctx, file=f"in/{name}", key_column="name", rows=rows)
        assert isinstance(result, Accepted)
    assert [path.name for path in (server.folder / "in").iterdir()] == [name]
    rows_there = records_of(list(row_read(ctx, file=f"in/{name}")))
    assert [(row["name"], row["sum"]) for row in rows_there] == [("Ada", "3"), ("Zoë", "2")]


def test_rows_are_not_appended_where_nobody_could_tell(
    tmp_path: Path, server: SftpPractice
) -> None:
    with pytest.raises(SetupError, match="can't be appended to a file on a server"):
        append_rows(at(tmp_path, server), file="a.csv", rows=[{"columns": {"a": "1"}}])


def test_a_file_is_put_whole_or_not_at_all(
    tmp_path: Path, server: SftpPractice, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = at(tmp_path, server)
    content = bytes(range(256)) * 4000
    file = ctx.files.save("a.pdf", [content])
    assert save_file(ctx, folder="in", file=file, name="b.pdf") == {
        "name": "b.pdf",
        "size": 1_024_000,
    }
    assert (server.folder / "in" / "b.pdf").read_bytes() == content
    small = ctx.files.save("a.pdf", [b"other"])
    monkeypatch.setattr(sftp.SftpPlace, "_take_place", _broken)
    with pytest.raises(RetryableError, match="can't be written on the server"):
        save_file(ctx, folder="in", file=small, name="b.pdf")
    assert (server.folder / "in" / "b.pdf").read_bytes() == content
    assert [path.name for path in (server.folder / "in").iterdir()] == ["b.pdf"]


def _broken(*_: Any) -> None:
    raise OSError(5, "the line broke")


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(
    tmp_path: Path, server: SftpPractice
) -> None:
    (server.folder / "out.csv").write_bytes(CSV)

    def write(line: Any) -> None:
        with sftp.SftpPlace(line).writing("out.csv") as path:
            path.write_bytes(CSV + b"x,y\n")
            (server.folder / "out.csv").write_bytes(CSV + CSV)

    with (
        sftp.logged_in(server.settings(), server.settings()) as line,
        pytest.raises(RetryableError, match="was changed on the server by somebody else"),
    ):
        write(line)
    assert (server.folder / "out.csv").read_bytes() == CSV + CSV
    with sftp.logged_in(server.settings(), server.settings()) as line:
        assert sftp.SftpPlace(line).put("new.bin", BytesIO(b"x")) == 1
