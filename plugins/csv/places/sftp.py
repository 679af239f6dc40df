"""Files of an SFTP server, whose key is known: it was shown, compared by a person, and pinned."""

import errno
import os
import socket
import stat
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from typing import IO, Any, BinaryIO, TypeAlias, cast

from engine.sdk import AuthError, RetryableError, SetupError
from plugins.csv.places.login import ask_for_the_same_kind, check_server, log_in
from plugins.csv.places.place import PIECE, Listed, numbered
from plugins.csv.source import Source

# paramiko's, which few need, so that it is an extra and imported late.
SFTPAttributes: TypeAlias = Any
SFTPClient: TypeAlias = Any
#: Seconds for the server to answer.
TIMEOUT = 30.0
#: Seconds between two looks at a file that may still be on its way.
PAUSE = 2.0


@contextmanager
def logged_in(settings: Mapping[str, Any], secrets: Mapping[str, str]) -> Iterator[SFTPClient]:
    """Yield an open line to the server.

    :raises SetupError: a setting is missing; for the server's key, it says which one it has.
    :raises AuthError: it is another server than before, or the log-in is refused.
    :raises RetryableError: it can't be reached.
    """
    try:
        import paramiko
    except ImportError as error:
        raise SetupError(
            "Bridgework can't talk to SFTP servers here.",
            hint=f"Install it with `{sys.executable} -m pip install 'bridgework[sftp]'`.",
        ) from error
    host, port = str(settings["host"]), int(settings.get("port") or 22)
    try:
        with socket.create_connection((host, port), timeout=TIMEOUT) as line:
            transport = paramiko.Transport(line)
            transport.banner_timeout = transport.auth_timeout = TIMEOUT
            try:
                pinned = str(settings.get("fingerprint") or "").strip()
                ask_for_the_same_kind(transport, pinned)
                transport.start_client(timeout=TIMEOUT)
                check_server(transport, host, pinned)
                log_in(transport, settings, secrets)
                client = paramiko.SFTPClient.from_transport(transport)
                assert client is not None
                client.get_channel().settimeout(TIMEOUT)
                yield client
            finally:
                transport.close()
    except paramiko.AuthenticationException as error:
        raise AuthError(
            f"{host} doesn't accept the user name with this password or key.",
            hint="Check them with the server's owner, and connect again.",
        ) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise RetryableError(
            f"The SFTP server {host} can't be reached, or the line to it broke"
            f"{f': {reason}' if reason else ''}.",
            hint="Check the server's name and port, or try again later.",
        ) from error


@dataclass(frozen=True)
class SftpPlace:
    """Folders of a server; see :class:`~plugins.csv.places.place.Place`.

    :param base: the folder in which relative names begin; empty: the user's own.
    :param copies: of the file that is being read; the next one takes its place.
    """

    line: SFTPClient
    base: str = ""
    copies: list[IO[bytes]] = field(default_factory=list, repr=False)

    def to_read(self, name: str) -> Source:
        """Fetch a file; it lies in an unnamed file of this computer while it is read."""
        path = self._path(name)
        before = self._stat(path)
        if before is None:
            raise SetupError(
                f"There is no file {name!r} on the server.",
                hint=f"Looked for {path!r}. Put it there, or correct its name.",
            )
        if stat.S_ISDIR(before.st_mode or 0):
            raise SetupError(f"{name!r} is a folder, not a file.", hint="Name a file in it.")
        self.close()
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the place
        self.copies.append(copy)
        self.line.getfo(path, copy, max_concurrent_prefetch_requests=64)
        after = self._stat(path)
        if after is None or (after.st_size, after.st_mtime) != (copy.tell(), before.st_mtime):
            raise RetryableError(
                f"{name!r} changed while it was fetched from the server.",
                hint="Try again when it is complete.",
            )
        return Source(path.rpartition("/")[2], lambda: _again(copy))

    def close(self) -> None:
        """Let go of the file that was read last."""
        while self.copies:
            self.copies.pop().close()

    def listed(self, folder: str) -> list[Listed]:
        path = self._path(folder)
        try:
            found = self.line.listdir_attr(path)
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.EACCES, errno.ENOTDIR):
                raise
            raise SetupError(
                f"There is no folder {folder!r} on the server, or it may not be read.",
                hint=f"Looked for {path!r}.",
            ) from error
        return [
            Listed(one.filename, one.st_size or 0, float(one.st_mtime or 0))
            for one in found
            if stat.S_ISREG(one.st_mode or 0)
        ]

    def still(self, folder: str, files: list[Listed]) -> set[str]:
        """Look twice: a file that is on its way grows, and the server's clock may be wrong."""
        if not files:
            return set()
        time.sleep(PAUSE)
        return {file.state for file in self.listed(folder)}

    def remove(self, folder: str, name: str) -> None:
        with suppress(FileNotFoundError), _told(name, "deleted"):
            self.line.remove(self._path(f"{folder}/{name}"))

    def move(self, folder: str, name: str, to: str) -> None:
        below = self._path(f"{folder}/{to}")
        with suppress(FileNotFoundError), _told(name, f"moved to {to!r}"):
            if self._stat(below) is None:
                self.line.mkdir(below)
            new = numbered(name, set(self.line.listdir(below)))
            self.line.rename(self._path(f"{folder}/{name}"), f"{below}/{new}")

    def put(self, name: str, content: BinaryIO) -> int:
        path = self._path(name)
        folder, _, plain = path.rpartition("/")
        part = f"{folder}/.{plain}.{token_hex(6)}.part"
        size = 0
        with _told(name, "written"):
            try:
                with self.line.open(part, "wx") as file:
                    file.set_pipelined(True)
                    while piece := content.read(PIECE):
                        file.write(piece)
                        size += len(piece)
                self._take_place(part, path, size)
            except BaseException:
                with suppress(OSError, EOFError):
                    self.line.remove(part)
                raise
        return size

    @contextmanager
    def writing(self, name: str) -> Iterator[Path]:
        path = self._path(name)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / path.rpartition("/")[2]
            before = self._stat(path)
            if before is not None:
                with copy.open("wb") as file:
                    self.line.getfo(path, file, max_concurrent_prefetch_requests=64)
            old = _state(copy)
            yield copy
            if _state(copy) == old:
                return
            now = self._stat(path)
            if _same(before, now):
                with copy.open("rb") as file:
                    self.put(name, file)
                return
        raise RetryableError(
            f"{name!r} was changed on the server by somebody else meanwhile.",
            hint="Try again; let one program at a time write to it.",
        )

    def _path(self, name: str) -> str:
        """Return a path of the server: in the connection's folder, unless it begins with a slash."""
        if name.startswith("/"):
            return name.rstrip("/") or "/"
        joined = "/".join(part.strip("/") for part in (self.base, name) if part.strip("/"))
        return f"/{joined}" if self.base.startswith("/") else f"./{joined}" if joined else "."

    def _stat(self, path: str) -> SFTPAttributes | None:
        try:
            return self.line.stat(path)
        except FileNotFoundError:
            return None

    def _take_place(self, part: str, path: str, size: int) -> None:
        if self.line.stat(part).st_size != size:
            raise OSError(errno.EIO, "not all of it arrived")
        try:
            self.line.posix_rename(part, path)
        except OSError:  # a server without that extension doesn't rename over what is there
            with suppress(FileNotFoundError):
                self.line.remove(path)
            self.line.rename(part, path)


@contextmanager
def _told(name: str, done: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise RetryableError(
            f"{name!r} can't be {done} on the server: {error.strerror or error}.",
            hint="Check the folder's name and the user's rights there.",
        ) from error


def _again(copy: IO[bytes]) -> BinaryIO:
    """Return a file from its beginning; closing it leaves it open for the next reader."""
    copy.seek(0)
    return cast(BinaryIO, os.fdopen(os.dup(copy.fileno()), "rb"))


def _state(path: Path) -> tuple[int, int, int] | None:
    if not path.exists():
        return None
    status = path.stat()
    return status.st_ino, status.st_size, status.st_mtime_ns


def _same(before: SFTPAttributes | None, now: SFTPAttributes | None) -> bool:
    if before is None or now is None:
        return before is now
    return (before.st_size, before.st_mtime) == (now.st_size, now.st_mtime)
