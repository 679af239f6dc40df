"""The side that has the mailbox: pymap, with faults and a look at its folders."""

import asyncio
import ssl
from argparse import Namespace
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack, closing, suppress
from datetime import datetime
from typing import Any

from proxyprotocol.result import ProxyResultLocal
from proxyprotocol.sock import SocketInfo
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxData, MailboxSet
from pymap.context import connection_exit
from pymap.exceptions import MailboxNotFound
from pymap.imap import IMAPConnection
from pymap.imap.state import ConnectionState
from pymap.parsing.command import Command
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.fetchattr import FetchRequirement
from pymap.parsing.specials.flag import Flag
from pymap.user import UserMetadata

from engine.sdk import Fault

#: What a server says, after the command's tag, for the statuses a fault may have.
SAID = {
    401: "NO [AUTHENTICATIONFAILED] Invalid credentials",
    403: "NO [AUTHORIZATIONFAILED] Not for you",
    404: "NO [NONEXISTENT] Unknown mailbox",
    429: "NO [LIMIT] Too many connections, try again later",
}
BUSY = "NO [UNAVAILABLE] Try again later"
#: Of every folder at first, as examples name places.
VALIDITY = 1_767_225_600


class _Plain:
    """Keeps passwords as they are: hashing them takes a third of a second, and these are no secrets."""

    def copy(self, **_: Any) -> "_Plain":
        return self

    def hash(self, secret: str) -> str:
        return secret

    def verify(self, secret: str, hash: str) -> bool:
        return secret == hash


class _Connection(IMAPConnection):
    """One line, on which things may go wrong.

    Slots are pymap's; what is ours hangs on the server.
    """

    office: "ImapOffice"

    @classmethod
    def _print(cls, log_format: str, output: str | bytes) -> None:
        """Say nothing in logs: commands hold passwords."""

    async def read_command(self, state: ConnectionState) -> Command:
        command: Command = await super().read_command(state)
        name = command.command.decode().lower().removeprefix("uid ")
        self.office.note(name)
        harmless = name in ("capability", "logout")  # no server refuses these
        fault = None if harmless else self.office.fault_for(f"/imap/{name}")
        if fault is None:
            return command
        if fault.status == 0:
            self.writer.write(b"* OK")  # and no more
        elif fault.status < 400:
            self.writer.write(fault.body.encode() + b"\r\n")
        else:
            answer = SAID.get(fault.status, BUSY)
            self.writer.write(command.tag + b" " + answer.encode() + b"\r\n")
        await self.writer.drain()
        if fault.status < 400:
            raise EOFError
        return await self.read_command(state)


class ImapOffice:
    """One account and its folders."""

    def __init__(
        self,
        user: str,
        password: str,
        fault_for: Callable[[str], Fault | None],
        note: Callable[[str], None],
        *,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self.fault_for, self.note, self._user = fault_for, note, user
        arguments = Namespace(debug=False, passlib_cfg=None, proxy_protocol=None)
        self._config = Config(
            arguments,
            host="127.0.0.1",
            port=0,
            demo_data=False,
            demo_user=user,
            demo_password=password,
            ssl_context=context,
            tls_enabled=context is not None,
            secure_auth=context is not None,
            invalid_user_sleep=0,
            hash_context=_Plain(),
        )
        self._login = Login(self._config)
        self._connection = type("Line", (_Connection,), {"office": self})
        self._tasks: set[asyncio.Task[None]] = set()
        self.mailboxes = MailboxSet()

    async def open(self, folders: Iterable[str]) -> asyncio.Server:
        """Make the account and its folders, and listen on a port of loopback."""
        user = UserMetadata(self._config, self._user, password=self._config.demo_password)
        await self._login.demo_user_identity.set(user)
        self._config.set_cache[self._user] = (self.mailboxes, FilterSet())
        for name in folders:
            await self.mailboxes.add_mailbox(name)
        for name in ("INBOX", *folders):  # pymap's own number is the time
            (await self.mailboxes.get_mailbox(name))._uid_validity = VALIDITY
        return await asyncio.start_server(self._answer, "127.0.0.1", 0)

    async def close(self) -> None:
        """Hang up on everybody."""
        for task in list(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=2)

    async def deliver(
        self, data: bytes, folder: str, at: datetime, flags: Iterable[bytes] = ()
    ) -> None:
        """Put a mail into a folder."""
        box = await self.mailboxes.get_mailbox(folder)
        await box.append(AppendMessage(data, at, frozenset(Flag(flag) for flag in flags)))

    async def mails(self, folder: str) -> list[tuple[int, bytes, list[str]]]:
        """Return number, contents and flags of a folder's mails; none where there is no folder."""
        found: list[tuple[int, bytes, list[str]]] = []
        with suppress(MailboxNotFound, KeyError):
            box: MailboxData = await self.mailboxes.get_mailbox(folder)
            async for one in box.messages():
                loaded = await one.load_content(FetchRequirement.CONTENT)
                flags = sorted(bytes(flag).decode() for flag in one.permanent_flags)
                found.append((one.uid, bytes(loaded.content), flags))
        return found

    async def folders(self) -> list[str]:
        tree = await self.mailboxes.list_mailboxes()
        return [entry.name for entry in tree.list() if entry.exists]

    async def renumber(self, folder: str) -> None:
        """Number a folder's mails anew, as servers do after a restore."""
        box = await self.mailboxes.get_mailbox(folder)
        box._uid_validity += 1

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        info = SocketInfo.get(writer, ProxyResultLocal(), unique_id=b"practice")
        line = self._connection(self._config.commands, self._config, reader, writer, info)
        try:
            async with AsyncExitStack() as stack:
                connection_exit.set(stack)
                stack.enter_context(closing(line))
                await line.run(ConnectionState(self._login, self._config))
        except (asyncio.CancelledError, ConnectionError):
            pass
        finally:
            self._tasks.discard(task)
