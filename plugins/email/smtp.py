"""The line mail goes out on: opened when it is first needed, used for a whole run, opened again if lost."""

import smtplib
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import httpx2

from engine.sdk import Context, InputError, SetupError
from plugins.email.composing import Mail
from plugins.email.refusals_smtp import explained, refusal
from plugins.email.settings import Server, smtp_server

#: Seconds for the server to answer; RFC 5321 allows minutes, which nobody waits for.
TIMEOUT = 30.0
#: Seconds after which an idle line isn't trusted any more: most servers hang up after five minutes.
IDLE = 60.0


def sending_line(ctx: Context) -> "SendingLine":
    """Return the run's line; nothing is said on it yet.

    :raises SetupError: the connection names no server.
    """
    return ctx.kept.once("smtp", lambda: SendingLine(smtp_server(ctx)))


class SendingLine:
    """One line to a server, for one mail at a time."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._alone = threading.Lock()
        self._line: smtplib.SMTP | None = None

    def try_out(self) -> None:
        """Log in.

        :raises ConnectorError: the server can't be reached or refuses.
        """
        with self._alone:
            self._fresh()

    def send(self, mail: Mail) -> None:
        """Hand a mail in, for all its recipients or for none.

        :raises ConnectorError: it was refused; ``maybe_sent`` where nobody can tell.
        """
        with self._alone:
            line = self._fresh()
            try:
                self._check(line, mail)
                self._hand_in(line, mail)
            except BaseException:
                self._hang_up()
                raise

    def close(self) -> None:
        """Say good-bye."""
        with self._alone:
            self._hang_up()

    def _fresh(self) -> smtplib.SMTP:
        """Return a line that works now: the one there is, unless it went away meanwhile."""
        if self._line is not None:
            with suppress(smtplib.SMTPException, OSError):
                if self._line.noop()[0] == 250:
                    return self._line
            self._hang_up()
        with explained(self.server):
            self._line = _connected(self.server)
        return self._line

    def _check(self, line: smtplib.SMTP, mail: Mail) -> None:
        """Find out before anything is sent what the server is known not to take."""
        said = line.esmtp_features.get("size", "")
        largest = int(said) if said.isdigit() else 0
        if largest and len(mail.data) > largest:
            raise InputError(
                f"The mail has {len(mail.data) / 1e6:.1f} MB as it is sent; {self.server.words} "
                f"takes {largest / 1e6:.1f} MB.",
                hint="Send fewer or smaller attachments, or a link to them.",
                field="attachments",
                code="too_large",
            )
        if mail.utf8 and not line.has_extn("smtputf8"):
            odd = next(
                one.addr_spec
                for one in (*mail.recipients, mail.sender)
                if not one.username.isascii()
            )
            raise InputError(
                f"{self.server.who} can't send to addresses such as '{odd}'.",
                hint="Use an address with plain letters before the @.",
                field="to",
                code="no_smtputf8",
            )

    def _hand_in(self, line: smtplib.SMTP, mail: Mail) -> None:
        options = [f"size={len(mail.data)}"] if line.has_extn("size") else []
        if mail.utf8:
            options += ["SMTPUTF8"]
            line.command_encoding = "utf-8"
        self._say(
            lambda: line.mail(mail.sender.addr_spec, options), "sender", mail.sender.addr_spec
        )
        for one in mail.recipients:
            self._say(partial(line.rcpt, one.addr_spec), "to", one.addr_spec)
        with explained(self.server, maybe_sent=True):
            code, said = line.data(mail.data)
        if code != 250:
            raise refusal(self.server, code, said, "mail", mail.subject)

    def _say(self, command: Callable[[], tuple[int, bytes]], field: str, about: str) -> None:
        with explained(self.server):
            code, said = command()
        if code not in (250, 251):
            raise refusal(self.server, code, said, field, about)

    def _hang_up(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
            line.close()


def _connected(server: Server) -> smtplib.SMTP:
    # Else smtplib asks the name server for this machine's full name, which can take long.
    options: dict[str, Any] = {"timeout": TIMEOUT, "local_hostname": socket.gethostname()}
    if server.security == "TLS":
        context = httpx2.create_ssl_context()
        line: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, context=context, **options)
    else:
        line = smtplib.SMTP(server.host, server.port, **options)
    try:
        line.ehlo_or_helo_if_needed()
        if server.security == "STARTTLS":
            _encrypt(server, line)
        if server.user and server.password:
            line.login(server.user, server.password)
    except BaseException:
        line.close()
        raise
    return line


def _encrypt(server: Server, line: smtplib.SMTP) -> None:
    if not line.has_extn("starttls"):
        raise SetupError(
            f"{server.who} offers no encryption at port {server.port}, so neither "
            "password nor mail was sent.",
            hint="Use its port for TLS (often 465), or ask who runs it.",
        )
    line.starttls(context=httpx2.create_ssl_context())
    line.ehlo_or_helo_if_needed()
