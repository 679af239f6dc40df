"""The practice mail server: a firm's mailbox, where mail is handed in, filed, delivered and read."""

import asyncio
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from engine.sdk import PracticeServer, Request, Response, json_response, route
from plugins.email.parsing import attachments, header, id_of, parsed, people
from plugins.email.practice.imap_server import ImapOffice
from plugins.email.practice.loop import the_loop, wait_for
from plugins.email.practice.sample_data import FOLDERS, sample_mails
from plugins.email.practice.smtp_server import LARGEST, Desk, Submission

DOMAIN = "firm.example"
USER, PASSWORD = f"office@{DOMAIN}", "practice-password-1"
SENT = "Sent"
FLAGS = {"read": b"\\Seen", "starred": b"\\Flagged", "answered": b"\\Answered"}


class PracticeMail(PracticeServer):
    """A mail server for one account.

    Mail for the firm's own domain arrives in its INBOX; all that is handed in is filed in ``Sent``.

    :param context: encrypts both lines on request (STARTTLS); None offers no encryption.
    :param largest: bytes of a mail that are taken.
    :param letters: addresses may have any letters before the @ (SMTPUTF8).
    """

    name = "email"

    def __init__(
        self,
        seed: int = 1,
        clock: Callable[[], float] | None = None,
        *,
        context: ssl.SSLContext | None = None,
        largest: int = LARGEST,
        letters: bool = True,
    ) -> None:
        super().__init__(seed, **({} if clock is None else {"clock": clock}))
        self._seed = seed
        self._context, self._largest, self._letters = context, largest, letters
        self.password = PASSWORD
        self.office = ImapOffice(
            USER, PASSWORD, self.fault_for, self._noting("imap"), context=context
        )
        self._desk = Desk(self._handed_in, DOMAIN)
        self._lines: set[asyncio.BaseTransport] = set()
        self.ports = {"smtp": 0, "imap": 0}

    @contextmanager
    def listening(self) -> Iterator[None]:
        servers = wait_for(self._open())
        try:
            yield
        finally:
            wait_for(self._close(servers))

    def credentials(self) -> dict[str, Any]:
        security = "none" if self._context is None else "STARTTLS"
        return {
            "username": USER,
            "password": self.password,
            "sender": f"Byron & Partners <{USER}>",
            "smtp_host": "127.0.0.1",
            "smtp_port": self.ports["smtp"],
            "smtp_security": security,
            "imap_host": "127.0.0.1",
            "imap_port": self.ports["imap"],
            "imap_security": security,
            "sent_folder": SENT,
        }

    def records(self) -> dict[str, list[dict[str, Any]]]:
        return {folder: self.mails(folder) for folder in wait_for(self.office.folders())}

    def mails(self, folder: str) -> list[dict[str, Any]]:
        """Return what a folder holds, as a person would see it."""
        return [_seen(*one) for one in wait_for(self.office.mails(folder))]

    def deliver(self, data: bytes, folder: str = "INBOX", flags: tuple[bytes, ...] = ()) -> None:
        """Let a mail arrive."""
        at = datetime.fromtimestamp(self.clock(), UTC)
        wait_for(self.office.deliver(data, folder, at, flags))

    def renumber(self, folder: str) -> None:
        """Number a folder's mails anew."""
        wait_for(self.office.renumber(folder))

    @route("POST", "/_practice/mail")
    def practice_mail(self, request: Request) -> Response:
        """Let a mail arrive: ``{"from": …, "subject": …, "text": …}``."""
        body: Mapping[str, Any] = request.get_json()
        number = len(self.requests)
        head = {
            "Message-ID": f"<practice.{number}.{int(self.clock())}@mail.example>",
            "From": body.get("from", "ada@mail.example"),
            "To": USER,
            "Subject": body.get("subject", ""),
            "Date": format_datetime(datetime.fromtimestamp(self.clock(), UTC)),
            "Content-Type": "text/plain; charset=utf-8",
        }
        lines = [f"{name}: {' '.join(str(value).split())}" for name, value in head.items()]
        text = "\r\n".join([*lines, "", str(body.get("text", "")), ""])
        self.deliver(text.encode(), str(body.get("folder", "INBOX")))
        return json_response({"id": head["Message-ID"]}, 201)

    async def _open(self) -> list[asyncio.Server]:
        imap = await self.office.open(FOLDERS)
        smtp = await the_loop().create_server(self._smtp_line, "127.0.0.1", 0)
        self.ports = {
            "smtp": smtp.sockets[0].getsockname()[1],
            "imap": imap.sockets[0].getsockname()[1],
        }
        now = datetime.fromtimestamp(self.clock(), UTC)
        hour = now.replace(minute=0, second=0, microsecond=0)
        for folder, data, at, flags in sample_mails(self._seed, hour):
            await self.office.deliver(data, folder, at, flags)
        return [imap, smtp]

    async def _close(self, servers: list[asyncio.Server]) -> None:
        for server in servers:
            server.close()
        await self.office.close()
        for line in list(self._lines):
            line.close()
        await asyncio.sleep(0)

    def _smtp_line(self) -> Submission:
        line = _Line(
            self._desk,
            self.fault_for,
            self._noting("smtp"),
            lambda user, password: (user, password) == (USER, self.password),
            context=self._context,
            largest=self._largest,
            letters=self._letters,
            loop=the_loop(),
        )
        line.open_lines = self._lines
        return line

    def _noting(self, protocol: str) -> Callable[[str], None]:
        def note(command: str) -> None:
            entry = {"method": command.upper(), "path": f"/{protocol}/{command}"}
            self.requests.append({**entry, "at": self.clock()})

        return note

    async def _handed_in(self, data: bytes, recipients: list[str]) -> None:
        now = datetime.fromtimestamp(self.clock(), UTC)
        await self.office.deliver(data, SENT, now, (b"\\Seen",))
        if any(one.lower().endswith(f"@{DOMAIN}") for one in recipients):
            await self.office.deliver(data, "INBOX", now)


class _Line(Submission):
    open_lines: set[asyncio.BaseTransport]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.open_lines.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self.open_lines.difference_update([one for one in self.open_lines if one.is_closing()])


def _seen(number: int, data: bytes, flags: list[str]) -> dict[str, Any]:
    mail = parsed(data)
    return {
        "number": number,
        "id": id_of(mail),
        "from": [one["address"] for one in people(mail, "From")],
        "to": [one["address"] for one in people(mail, "To")],
        "subject": header(mail, "Subject"),
        "attachments": [name for name, _, _ in attachments(mail, "")],
        "flags": flags,
        "size": len(data),
    }
