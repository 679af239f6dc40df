"""The line to a mailbox: opened when it is first needed, used for a whole run, opened again if lost."""

import threading
from collections.abc import Callable
from contextlib import suppress
from imaplib import IMAP4
from typing import Any, TypeAlias, TypeVar

import httpx2

from engine.sdk import Context, InputError
from plugins.email.settings import Server, imap_server

#: imapclient's, which has no types and is imported late, for few recipes need it.
IMAPClient: TypeAlias = Any
T = TypeVar("T")

#: Seconds for the server to answer.
TIMEOUT = 30.0


def mailbox_of(ctx: Context) -> "Mailbox":
    """Return the run's line; nothing is said on it yet.

    :raises SetupError: the connection names no server, or no log-in.
    """
    return ctx.kept.once("imap", lambda: Mailbox(imap_server(ctx)))


class Mailbox:
    """One line to a mailbox, for one question at a time."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._alone = threading.RLock()
        self._client: IMAPClient | None = None
        self._opened: tuple[str, bool] | None = None
        self._validity = 0

    def ask(
        self,
        question: Callable[[IMAPClient], T],
        folder: str = "",
        *,
        writing: bool = False,
        validity: int | None = None,
    ) -> T:
        """Ask something that may be asked twice: once more on a new line, if the line broke.

        :param folder: in which it is asked; empty where that doesn't matter.
        :param writing: something of the folder is changed.
        :param validity: the number the folder had when its mails were numbered; with another one
            the same numbers are other mails.
        :raises ConnectorError: the server can't be reached or refuses.
        """
        from plugins.email.refusals_imap import LineLost, explained

        with self._alone:
            for is_last in (False, True):
                try:
                    with explained(self.server):
                        client = self._client or self._connect()
                    if folder:
                        with explained(self.server, folder):
                            self._open(client, folder, writing)
                        self._check(folder, validity)
                    with explained(self.server):
                        return question(client)
                except LineLost:
                    self.close()
                    if is_last:
                        raise
                except InputError:
                    raise
                except BaseException:
                    self.close()
                    raise
        raise AssertionError("unreachable")

    def search(self, criteria: list[Any], folder: str) -> list[int]:
        """Return the numbers of the folder's mails that meet criteria, the oldest first."""

        def question(client: IMAPClient) -> list[int]:
            client.noop()  # else a folder that is open may be known as it was when it was opened
            return sorted(client.search(criteria))

        return self.ask(question, folder)

    def fetch(
        self, numbers: list[int], wanted: list[str], folder: str, validity: int
    ) -> dict[int, dict[bytes, Any]]:
        """Return what is wanted of mails by their numbers; what isn't there any more is left out."""
        return self.ask(
            lambda client: dict(client.fetch(numbers, wanted)), folder, validity=validity
        )

    def validity(self, folder: str) -> int:
        """Return the number that changes when a folder numbers its mails anew (UIDVALIDITY)."""
        return self.ask(lambda _: self._validity, folder)

    def close(self) -> None:
        """Log out."""
        with self._alone:
            client, self._client, self._opened = self._client, None, None
            if client is not None:
                with suppress(IMAP4.error, OSError, ValueError):
                    client.logout()
                with suppress(IMAP4.error, OSError, ValueError):
                    client.shutdown()

    def _connect(self) -> IMAPClient:
        import imapclient

        server = self.server
        context = None if server.security == "none" else httpx2.create_ssl_context()
        is_tls = server.security == "TLS"
        client = imapclient.IMAPClient(
            server.host, server.port, ssl=is_tls, ssl_context=context, timeout=TIMEOUT
        )
        try:
            client.normalise_times = False  # moments with their zone
            if server.security == "STARTTLS":
                client.starttls(context)
            client.login(server.user, server.password)
        except BaseException:
            with suppress(IMAP4.error, OSError):
                client.shutdown()
            raise
        self._client, self._opened = client, None
        return client

    def _open(self, client: IMAPClient, folder: str, writing: bool) -> None:
        if self._opened in ((folder, writing), (folder, True)):
            return
        self._opened = None
        found = client.select_folder(folder, readonly=not writing)
        self._validity = int(found.get(b"UIDVALIDITY") or 0)
        self._opened = (folder, writing)

    def _check(self, folder: str, validity: int | None) -> None:
        if validity is not None and validity != self._validity:
            raise InputError(
                f"The folder '{folder}' was made anew since this mail was read.",
                hint="Find the mail again by its id, with email.find_email.",
                field="place",
                code="folder_renewed",
            )
