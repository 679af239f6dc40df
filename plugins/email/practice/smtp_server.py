"""The side that takes mail: aiosmtpd, with the refusals that real servers give."""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from engine.sdk import Fault

logging.getLogger("mail.log").setLevel(logging.ERROR)  # it warns at each log-in of its own doings

#: Bytes of a mail that are taken, as SIZE says.
LARGEST = 2_000_000

#: What a server says in each command, for the statuses a :class:`~engine.sdk.Fault` may have.
SAID = {
    401: "535 5.7.8 Authentication credentials invalid",
    403: "550 5.7.1 Access denied",
    404: "550 5.1.1 No such user here",
    429: "421 4.7.0 Too many connections, try again later",
}
BUSY = "451 4.3.0 Local error in processing"

#: By the part before the @: what becomes of mail for it, at the first try and afterwards.
REFUSED = {
    "nobody": ("550 5.1.1 No such user here",),
    "moved": ("551 5.1.6 User has moved",),
    "odd": ("553 5.1.3 Mailbox name not allowed",),
    "full": ("552 5.2.2 Mailbox full",),
    "late": ("451 4.7.1 Greylisted, please try again in five minutes", "250 OK"),
}


class Submission(SMTP):
    """One line to the server.

    :param fault_for: what goes wrong with a command, by a path such as ``/smtp/rcpt``.
    :param note: told of each command.
    """

    def __init__(
        self,
        handler: "Desk",
        fault_for: Callable[[str], Fault | None],
        note: Callable[[str], None],
        accounts: Callable[[str, str], bool],
        *,
        context: ssl.SSLContext | None,
        largest: int,
        letters: bool,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._fault_for, self._note, self._accounts = fault_for, note, accounts
        self.command = "greeting"
        super().__init__(
            handler,
            hostname="mail.practice.test",
            ident="practice",
            data_size_limit=largest,
            enable_SMTPUTF8=letters,
            auth_require_tls=context is not None,
            tls_context=context,
            authenticator=self._authenticated,
            loop=loop,
        )
        self._smtp_methods = {
            name: self._noted(name.lower(), method) for name, method in self._smtp_methods.items()
        }

    async def push(self, status: Any) -> None:
        """Answer; what goes wrong is said, or not said, in the answer's place."""
        fault = self._fault_for(f"/smtp/{self.command}")
        if fault is None:
            await super().push(status)
        elif fault.status == 0:
            assert self.transport is not None
            self.transport.close()
        elif fault.status < 400:
            await super().push(fault.body)
        else:
            await super().push(SAID.get(fault.status, BUSY))

    def _noted(
        self, name: str, method: Callable[[str], Awaitable[None]]
    ) -> Callable[[str], Coroutine[Any, Any, None]]:
        async def noted(argument: str) -> None:
            self.command = name
            self._note(name)
            await method(argument)

        return noted

    def _authenticated(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        right = self._accounts(data.login.decode(), data.password.decode())
        return AuthResult(success=right, handled=False)


class Desk:
    """What becomes of each mail.

    :param deliver: gets the mail and for whom it is.
    :param domain: of the senders that the log-in may send for.
    """

    def __init__(
        self, deliver: Callable[[bytes, list[str]], Coroutine[Any, Any, None]], domain: str
    ) -> None:
        self._deliver, self._domain = deliver, domain
        self._tried: dict[str, int] = {}

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: Submission, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        if not address.lower().endswith(f"@{self._domain}"):
            return "553 5.7.1 Sender address rejected: not owned by user"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - as above
        self, server: Submission, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        answers = REFUSED.get(address.partition("@")[0].lower(), ("250 OK",))
        tries = self._tried[address] = self._tried.get(address, -1) + 1
        answer = answers[min(tries, len(answers) - 1)]
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802 - as above
        self, server: Submission, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content or b""
        data = content if isinstance(content, bytes) else content.encode()
        if b"\nSubject: You have won" in data:
            return "554 5.7.1 Message rejected as spam"
        await self._deliver(data, list(envelope.rcpt_tos))
        server.command = "sent"
        return "250 2.0.0 OK queued"
