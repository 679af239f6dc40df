"""An SFTP server over one folder, on loopback: one user, by password or key."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import paramiko
from paramiko import SFTP_OK, SFTPAttributes, SFTPHandle, SFTPServer

USER, PASSWORD = "firm", "practice-password"


@dataclass
class SftpPractice:
    """What the server has and does.

    :param folder: its root.
    :param user_key: the public key that is accepted besides the password.
    :param posix_rename: whether it knows OpenSSH's way to rename over a file.
    :ivar requests: names of what was asked, in order.
    """

    folder: Path
    host_key: paramiko.PKey = field(default_factory=lambda: paramiko.RSAKey.generate(2048))
    user_key: paramiko.PKey | None = None
    posix_rename: bool = True
    requests: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def fingerprint(self) -> str:
        return f"{self.host_key.get_name()} {self.host_key.fingerprint}"

    def settings(self) -> dict[str, Any]:
        """Return what a connection to it needs."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "username": USER,
            "password": PASSWORD,
            "fingerprint": self.fingerprint,
        }

    @contextmanager
    def serving(self) -> Iterator["SftpPractice"]:
        """Answer on a free port of loopback while the block runs."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            lines: list[paramiko.Transport] = []
            thread = threading.Thread(target=self._accept, args=(listener, lines), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                with suppress(OSError):
                    listener.shutdown(socket.SHUT_RDWR)
                for line in lines:
                    line.close()
                thread.join(5)

    def _accept(self, listener: socket.socket, lines: list[paramiko.Transport]) -> None:
        while True:
            try:
                line, _ = listener.accept()
            except OSError:
                return
            transport = paramiko.Transport(line)
            transport.add_server_key(self.host_key)
            transport.set_subsystem_handler("sftp", SFTPServer, _Files, self)
            lines.append(transport)
            with suppress(paramiko.SSHException, EOFError, OSError):
                transport.start_server(event=threading.Event(), server=_Door(self))


class _Door(paramiko.ServerInterface):
    def __init__(self, practice: SftpPractice) -> None:
        self._practice = practice

    def get_allowed_auths(self, username: str) -> str:
        return "password,publickey"

    def check_auth_password(self, username: str, password: str) -> int:
        right = (username, password) == (USER, PASSWORD)
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        wanted = self._practice.user_key
        right = username == USER and wanted is not None and key.asbytes() == wanted.asbytes()
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Files(paramiko.SFTPServerInterface):
    def __init__(self, server: Any, practice: SftpPractice) -> None:
        super().__init__(server)
        self._practice = practice

    def _path(self, path: str, asked: str) -> Path:
        self._practice.requests.append(f"{asked} {path}")
        return self._practice.folder / self.canonicalize(path).lstrip("/")

    def list_folder(self, path: str) -> Any:
        try:
            return [
                SFTPAttributes.from_stat(one.stat(), one.name)
                for one in self._path(path, "list").iterdir()
            ]
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    def stat(self, path: str) -> Any:
        try:
            return SFTPAttributes.from_stat(self._path(path, "stat").stat())
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)

    lstat = stat

    def open(self, path: str, flags: int, attr: Any) -> Any:
        try:
            number = os.open(self._path(path, "open"), flags, 0o600)
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        file = os.fdopen(number, "wb" if flags & os.O_WRONLY else "r+b" if writes else "rb")
        handle = SFTPHandle(flags)
        handle.readfile = handle.writefile = file
        return handle

    def remove(self, path: str) -> int:
        return self._did(lambda: self._path(path, "remove").unlink())

    def mkdir(self, path: str, attr: Any) -> int:
        return self._did(lambda: self._path(path, "mkdir").mkdir())

    def rename(self, oldpath: str, newpath: str) -> int:
        old, new = self._path(oldpath, "rename"), self._path(newpath, "to")
        if new.exists():
            return paramiko.SFTP_FAILURE
        return self._did(lambda: old.rename(new))

    def posix_rename(self, oldpath: str, newpath: str) -> int:
        if not self._practice.posix_rename:
            return paramiko.SFTP_OP_UNSUPPORTED
        old, new = self._path(oldpath, "posix_rename"), self._path(newpath, "to")
        return self._did(lambda: old.replace(new))

    def _did(self, act: Any) -> int:
        try:
            act()
        except OSError as error:
            return SFTPServer.convert_errno(error.errno or 0)
        return SFTP_OK
