"""What IMAP servers refuse, each as one sentence with what to do (RFC 3501, RFC 5530)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from imaplib import IMAP4

from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError, ProtocolError

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

#: Seconds to wait where a server is busy.
LATER = 60.0

#: Response codes of RFC 5530 (and OVERQUOTA, RFC 9208), by what they mean for us.
_CODE = re.compile(r"\[([A-Z]+)\b[^\]]*\]")
_LOG_IN = frozenset(
    [
        "AUTHENTICATIONFAILED",
        "AUTHORIZATIONFAILED",
        "EXPIRED",
        "PRIVACYREQUIRED",
        "CONTACTADMIN",
        "ALERT",
    ]
)
_BUSY = frozenset(
    ["UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CORRUPTION", "TIMEOUT", "EXPUNGEISSUED"]
)


class LineLost(RetryableError):
    """The line broke; what was asked may be asked again on a new one."""


@contextmanager
def explained(server: Server, folder: str = "") -> Iterator[None]:
    """Turn what imaplib and IMAPClient raise into what a person can act on."""
    with reaching(server), _spoken(server, folder):
        yield


@contextmanager
def _spoken(server: Server, folder: str) -> Iterator[None]:
    who = server.who
    try:
        yield
    except ProtocolError:
        raise _nonsense(who) from None
    except CapabilityError:
        raise SetupError(
            f"{who} offers no encryption at port {server.port}, so the password was not sent.",
            hint="Use its port for TLS (993), or ask who runs it.",
        ) from None
    except LoginError as error:
        cause = error.__cause__ or error.__context__
        if isinstance(cause, IMAP4.abort):
            raise _aborted(server, who, str(cause)) from None
        raise _refused(server, who, str(error), folder="", logging_in=True) from None
    except IMAP4.abort as error:
        raise _aborted(server, who, str(error)) from None
    except (IMAP4.error, IMAPClientError) as error:
        raise _refused(server, who, str(error), folder) from None
    except (EOFError, ConnectionResetError, BrokenPipeError):
        raise LineLost(f"{who} hung up.", hint="The next run tries again.") from None


def _aborted(server: Server, who: str, said: str) -> ConnectorError:
    if "unexpected" in said:
        return _nonsense(who)
    if (code := _code(said)) in _BUSY:
        return RetryableError(
            f"{who} is busy ({code}).", hint="The next run tries again.", after=LATER
        )
    return LineLost(f"{who} hung up: {_words(server, said)}.", hint="The next run tries again.")


def _refused(
    server: Server, who: str, said: str, folder: str, *, logging_in: bool = False
) -> ConnectorError:
    code, words = _code(said), _words(server, said)
    if "not IMAP4 compliant" in said:
        return _nonsense(who)
    if code in _BUSY:
        return RetryableError(
            f"{who} is busy: {words}.", hint="The next run tries again.", after=LATER
        )
    if logging_in or code in _LOG_IN:
        return AuthError(
            f"{who} refused the log-in: {words}.",
            hint="Check user name and password; many providers want an app password, and some want "
            "IMAP to be switched on in the mailbox's settings.",
        )
    if code == "OVERQUOTA":
        return InputError(
            f"The mailbox is full: {words}.", hint="Make room in it.", code="mailbox_full"
        )
    if folder:
        return InputError(
            f"{who} doesn't open the folder '{folder}': {words}.",
            hint="Choose one of the mailbox's folders; within others they are written like "
            "`Clients/2026`.",
            field="folder",
            code="no_folder",
        )
    return RemoteError(f"{who} refused: {words}.", hint="Ask who runs it what it means.")


def _nonsense(who: str) -> RemoteError:
    return RemoteError(
        f"{who} answered what no mail server says.",
        hint="Check its name and port; something else may be listening there.",
    )


def _code(said: str) -> str:
    found = _CODE.search(said)
    return found[1] if found else ""


def _words(server: Server, said: str) -> str:
    text = " ".join(said.removeprefix("b'").removesuffix("'").split())
    return server.without_password(text)[:300].rstrip(".")
