"""Mail by SMTP: the server, one open line to it, and what its refusals mean."""

import hashlib
import os
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP as MAIL_POLICY
from email.utils import format_datetime, formataddr, parseaddr
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

import httpx2

from engine import redaction
from engine.errors import DeliveryError, SetupError
from engine.notices.message import Message, as_html, as_text
from engine.public_address import is_this_machine
from engine.redaction import redact
from engine.store.database import Store
from engine.store.notice_settings import load_settings, remove_settings, save_settings

SMTP_URL_VARIABLE = "BRIDGEWORK_SMTP_URL"
MAIL_FROM_VARIABLE = "BRIDGEWORK_MAIL_FROM"

#: How the line is encrypted: from the start, or after asking for it.
Security = Literal["tls", "starttls"]
PORTS: dict[Security, int] = {"tls": 465, "starttls": 587}

#: Python would put a subject of more than 78 characters on a line of its own, with a space before it.
ONE_LINE = MAIL_POLICY.clone(max_line_length=900)

#: An address by itself: nothing that means more than one in a header.
ONE_ADDRESS = re.compile(r"[^@\s<>,;:\"\x00-\x1f\x7f]+@[^@\s<>,;:\"\x00-\x1f\x7f]+")

#: Seconds to wait for the server at each step.
TIMEOUT = 20.0
SETTINGS = "smtp"


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """The server that sends our mail.

    :param user: empty where it asks for no log-in.
    :param sender: the address mails come from, with or without a name.
    """

    host: str
    port: int
    security: Security = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


def mail_server(store: Store) -> MailServer | None:
    """Return the mail server: of the environment, else as saved; None where there is none.

    :raises SetupError: what the environment says is no mail server.
    """
    url = os.environ.get(SMTP_URL_VARIABLE, "").strip()
    if url:
        return server_of(url, os.environ.get(MAIL_FROM_VARIABLE, ""))
    saved = load_settings(store, SETTINGS, secret=("password",))
    return MailServer(**saved) if saved else None


def save_mail_server(store: Store, server: MailServer | None) -> None:
    """Keep the mail server, its password encrypted; None forgets it."""
    if server is None:
        remove_settings(store, SETTINGS)
        return
    redaction.register(server.password)
    save_settings(store, SETTINGS, dict(vars(server)))


def is_set_by_environment() -> bool:
    return bool(os.environ.get(SMTP_URL_VARIABLE, "").strip())


def server_of(url: str, sender: str = "") -> MailServer:
    """Read ``smtp(s)://user:password@host:port``.

    :param sender: default: the user, where that is an address.
    :raises SetupError: it is no such address; the password is never quoted.
    """
    hint = f"Write {SMTP_URL_VARIABLE} like smtp://user:password@mail.firm.example:587."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SetupError(f"{SMTP_URL_VARIABLE} is no address.", hint=hint) from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SetupError(f"{SMTP_URL_VARIABLE} names no mail server.", hint=hint)
    security: Security = "tls" if parts.scheme == "smtps" else "starttls"
    user = unquote(parts.username or "")
    password = unquote(parts.password or "")
    redaction.register(password)
    sender = sender.strip() or user
    if "@" not in parseaddr(sender)[1]:
        raise SetupError(
            "The address that mails come from is missing.",
            hint=f"Set {MAIL_FROM_VARIABLE}, e.g. to bridgework@firm.example.",
        )
    return MailServer(
        host=parts.hostname,
        port=port or PORTS[security],
        security=security,
        user=user,
        password=password,
        sender=sender,
    )


@contextmanager
def open_line(server: MailServer) -> Iterator[smtplib.SMTP]:
    """Yield a line to the server, encrypted and logged in.

    Without a log-in an unencrypted line will do, as between mail servers; a password is sent over
    one to this very machine only.

    :raises DeliveryError: the server can't be reached or refuses.
    """
    with _explained(server):
        line = _connect(server)
    try:
        with _explained(server):
            line.ehlo_or_helo_if_needed()
            if server.security == "starttls" and line.has_extn("starttls"):
                line.starttls(context=httpx2.create_ssl_context())
                line.ehlo_or_helo_if_needed()
            elif server.security == "starttls" and server.user and not is_this_machine(server.host):
                raise DeliveryError(
                    f"The mail server '{server.host}' offers no encryption, so the password was "
                    "not sent.",
                    hint="Use its port for TLS (often 465), or a server without a log-in.",
                    lost_line=True,
                )
            if server.user:
                line.login(server.user, server.password)
        yield line
    finally:
        with suppress(smtplib.SMTPException, OSError):
            line.quit()
        line.close()


def send_mail(line: smtplib.SMTP, server: MailServer, address: str, message: Message) -> None:
    """Send a message to one address.

    :raises DeliveryError: it was refused, the line broke, or this is no single address: recipes may
        take addresses from records, and what stands there could name others or end the header.
    """
    if not ONE_ADDRESS.fullmatch(address):
        shown = redact(" ".join(address.split()))[:100]
        raise DeliveryError(
            f"'{shown}' is no e-mail address.",
            hint="Correct it where it comes from: the recipe, the record or the settings.",
            permanent=True,
        )
    with _explained(server, address):
        line.send_message(mail_of(message, server.sender, address))


def mail_of(message: Message, sender: str, address: str) -> EmailMessage:
    """Return the mail, which is the same at every try."""
    name, from_address = parseaddr(sender)
    domain = from_address.rpartition("@")[2]
    mail = EmailMessage(policy=ONE_LINE)
    mail["Subject"] = message.subject
    mail["From"] = formataddr((name or "Bridgework", from_address))
    mail["To"] = address
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{_digest(message.id, message.at.isoformat(), address)}@{domain}>"
    # Mail programs show what has a reference in common as one conversation: broke, well again.
    mail["References"] = f"<{_digest(message.about)}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no absence notes, please
    # Not every server on the way takes anything but ASCII in short lines.
    mail.set_content(as_text(message), cte="quoted-printable")
    mail.add_alternative(as_html(message), subtype="html", cte="quoted-printable")
    return mail


def _connect(server: MailServer) -> smtplib.SMTP:
    # Else smtplib asks the name server for this machine's full name, which can take long.
    options: dict[str, Any] = {"timeout": TIMEOUT, "local_hostname": socket.gethostname()}
    if server.security == "tls":
        context = httpx2.create_ssl_context()
        return smtplib.SMTP_SSL(server.host, server.port, context=context, **options)
    return smtplib.SMTP(server.host, server.port, **options)


@contextmanager
def _explained(server: MailServer, address: str = "") -> Iterator[None]:
    """Turn what smtplib raises into what a person can act on."""
    where = f"The mail server '{server.host}'"
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(
            f"{where} refused the log-in: {_words(error.smtp_error)}.",
            hint="Check user and password; many providers want an app password.",
            lost_line=True,
        ) from None
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise DeliveryError(
            f"{where} doesn't deliver to '{address}': {_words(said)}.",
            hint="Check the address.",
            permanent=code >= 500,
        ) from None
    except smtplib.SMTPSenderRefused as error:
        raise DeliveryError(
            f"{where} doesn't send for '{error.sender}': {_words(error.smtp_error)}.",
            hint="Choose a sender that belongs to the log-in.",
            lost_line=True,
        ) from None
    except smtplib.SMTPDataError as error:
        raise DeliveryError(
            f"{where} refused the mail: {_words(error.smtp_error)}.",
            permanent=error.smtp_code >= 500,
        ) from None
    except smtplib.SMTPServerDisconnected:
        raise DeliveryError(f"{where} hung up.", lost_line=True) from None
    except smtplib.SMTPNotSupportedError as error:
        raise DeliveryError(
            f"{where} can't send to '{address}': {_words(str(error))}."
            if address
            else f"{where} lacks something: {_words(str(error))}.",
            hint="Use an address in plain letters." if address else "",
            permanent=bool(address),
            lost_line=not address,
        ) from None
    except smtplib.SMTPResponseException as error:
        words = _words(getattr(error, "smtp_error", None) or str(error))
        raise DeliveryError(f"{where} refused: {words}.", lost_line=True) from None
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(
            f"The certificate of {where[0].lower()}{where[1:]} isn't trusted: "
            f"{error.verify_message}.",
            hint="Use the name that stands in its certificate.",
            lost_line=True,
        ) from None
    except (OSError, smtplib.SMTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise DeliveryError(
            f"{where} can't be reached at port {server.port}: {redact(str(reason))}.",
            hint="Check its name, port and kind of encryption.",
            lost_line=True,
        ) from None


def _words(said: bytes | str) -> str:
    """Return a server's answer as one line without secrets."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return redact(" ".join(text.split()))[:300].rstrip(".")


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
