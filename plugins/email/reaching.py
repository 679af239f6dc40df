"""What keeps a mail server from being reached, whichever protocol it speaks."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from engine.sdk import RetryableError, SetupError
from plugins.email.settings import PORTS, Server


@contextmanager
def reaching(server: Server, *, maybe_sent: bool = False) -> Iterator[None]:
    """Turn what TLS and the network raise into what a person can act on.

    :param maybe_sent: a line that breaks now leaves open whether the mail went out.
    """
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise SetupError(
            f"The certificate of {server.words} isn't trusted: {error.verify_message}.",
            hint="Use the name that stands in its certificate.",
        ) from None
    except ssl.SSLError as error:
        if maybe_sent:
            raise RetryableError(f"The line to {server.words} broke.", maybe_sent=True) from None
        usual = PORTS[server.protocol]
        raise SetupError(
            f"{server.who} doesn't speak {server.security} at port {server.port}: "
            f"{error.reason or error}.",
            hint=f"TLS is most often at port {usual['TLS']}, STARTTLS at port {usual['STARTTLS']}.",
        ) from None
    except OSError as error:
        reason = server.without_password(error.strerror or str(error) or type(error).__name__)
        raise RetryableError(
            f"{server.who} can't be reached at port {server.port}: {reason}.",
            hint="Check its name and port, or try again later.",
            maybe_sent=maybe_sent,
        ) from None
