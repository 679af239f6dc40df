"""A practice mail server: SMTP and IMAP on loopback, and the usual control over HTTP."""

import sys
from typing import Any

from engine.sdk import PracticeServer, SetupError


def practice_mail(seed: int, **options: Any) -> PracticeServer:
    """Build the server.

    :raises SetupError: the libraries it is made of are an extra, which isn't installed.
    """
    try:
        from plugins.email.practice.server import PracticeMail
    except ImportError as error:
        raise SetupError(
            "The practice mail server needs two libraries more.",
            hint=f"Install them with `{sys.executable} -m pip install 'bridgework[practice]'`.",
        ) from error
    return PracticeMail(seed, **options)
