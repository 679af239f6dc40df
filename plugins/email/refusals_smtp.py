"""What SMTP servers refuse, each as one sentence with what to do (RFC 5321, RFC 3463, RFC 4954)."""

import re
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager

from engine.sdk import (
    AuthError,
    ConnectorError,
    InputError,
    RemoteError,
    RetryableError,
    SetupError,
)
from plugins.email.reaching import reaching
from plugins.email.settings import Server

#: Seconds to wait where a server says "later"; greylisting, which delays who is new, takes minutes.
LATER, GREYLISTED = 60.0, 300.0

#: The log-in is wrong, needed, too weak, or its password has run out (RFC 4954).
AUTH_CODES = frozenset((530, 534, 535, 538))
#: Too large (RFC 1870), by basic or enhanced code.
_TOO_LARGE = re.compile(r"\b5\.3\.4\b|\bsize\b|too (large|big)", re.IGNORECASE)
_FULL = re.compile(r"\b[45]\.2\.2\b|over ?quota|mailbox (is )?full|quota exceeded", re.IGNORECASE)
_GREY = re.compile(r"gr[ae]y-?list", re.IGNORECASE)
_TOO_MANY = re.compile(r"too many|rate|limit", re.IGNORECASE)


def refusal(
    server: Server, code: int, said: bytes | str, field: str, about: str = ""
) -> ConnectorError:
    """Return the error that an answer stands for.

    :param field: ``to`` or ``sender`` where an address was refused, ``mail`` the whole of it.
    :param about: that address, or the mail's subject.
    """
    words = words_of(server, said)
    who = server.who
    if code in AUTH_CODES:
        return AuthError(
            f"{who} refused the log-in: {words}.",
            hint="Check user name and password; many providers want an app password.",
        )
    if 400 <= code < 500:
        return _later(who, code, words, field, about)
    if code < 400 or code >= 600:
        return RemoteError(
            f"{who} answered what no mail server says: {words or 'nothing'}.",
            hint="Check its name and port; something else may be listening there.",
        )
    if field == "to":
        if code == 552 or _FULL.search(words):
            return InputError(
                f"The mailbox of '{about}' is full: {words}.",
                hint="Nobody got the mail. Try again later, or write to another address.",
                field="to",
                code="mailbox_full",
            )
        return InputError(
            f"{who} doesn't deliver to '{about}': {words}.",
            hint="Nobody got the mail. Correct the address at the source.",
            field="to",
            code="recipient_refused",
        )
    if code in (523, 552) or (_TOO_LARGE.search(words) and not _TOO_MANY.search(words)):
        return InputError(
            f"The mail is too large for {server.words}: {words}.",
            hint="Send fewer or smaller attachments, or a link to them.",
            field="attachments",
            code="too_large",
        )
    if field == "sender":
        return InputError(
            f"{who} doesn't send for '{about}': {words}.",
            hint="Choose a sender that belongs to the log-in.",
            field="sender",
            code="sender_refused",
        )
    return InputError(
        f"{who} refused the mail '{about}': {words}.",
        hint="It may look like spam: look at its links and attachments, or ask who runs the server.",
        code="mail_refused",
    )


def _later(who: str, code: int, words: str, field: str, about: str) -> RetryableError:
    if _GREY.search(words) or (field == "to" and code in (450, 451)):
        return RetryableError(
            f"{who} takes mail for '{about}' only later: {words}.",
            hint="Servers put off senders they don't know for some minutes; the next run tries again.",
            after=GREYLISTED,
        )
    return RetryableError(f"{who} is busy: {words}.", hint="The next run tries again.", after=LATER)


@contextmanager
def explained(server: Server, *, maybe_sent: bool = False) -> Iterator[None]:
    """Turn what smtplib raises into what a person can act on.

    :param maybe_sent: a line that breaks now leaves open whether the mail went out.
    """
    with reaching(server, maybe_sent=maybe_sent), _spoken(server, maybe_sent=maybe_sent):
        yield


@contextmanager
def _spoken(server: Server, *, maybe_sent: bool) -> Iterator[None]:
    who = server.who
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code >= 500 and error.smtp_code not in AUTH_CODES:
            raise AuthError(
                f"{who} refused the log-in: {words_of(server, error.smtp_error)}.",
                hint="Check user name and password; many providers want an app password.",
            ) from None
        raise refusal(server, error.smtp_code, error.smtp_error, "log-in") from None
    except smtplib.SMTPNotSupportedError:
        raise SetupError(
            f"{who} takes no log-in with a password at port {server.port}.",
            hint="Use its port for TLS (465) or STARTTLS (587), or leave user name and password "
            "empty where it asks for none.",
        ) from None
    except smtplib.SMTPServerDisconnected:
        raise RetryableError(
            f"{who} hung up.", hint="The next run tries again.", maybe_sent=maybe_sent
        ) from None
    except smtplib.SMTPResponseException as error:
        raise refusal(server, error.smtp_code, error.smtp_error, "mail") from None


def words_of(server: Server, said: bytes | str) -> str:
    """Return a server's answer as one line, without the password."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return server.without_password(" ".join(text.split()))[:300].rstrip(".")
