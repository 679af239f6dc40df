"""The boundary around a connector's code: what comes out of it is a sentence that names it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from json import JSONDecodeError
from traceback import walk_tb

import httpx2

from engine.errors import (
    ConnectorError,
    DatabaseAway,
    PluginCrash,
    RemoteError,
    RetryableError,
    SetupError,
)

log = logging.getLogger("bridgework.plugin")


@contextmanager
def guarded(connector: str, operation: str) -> Iterator[None]:
    """Let only errors that people can read out of a connector's code; the rest goes to the log.

    :raises PluginCrash: for anything the connector did not foresee.
    """
    try:
        yield
    except (ConnectorError, SetupError, DatabaseAway):
        raise
    except JSONDecodeError as error:
        raise RemoteError(
            f"{connector} answered something that isn't JSON.",
            hint="Check the connection's address; a log-in or error page may have answered.",
        ) from error
    except httpx2.HTTPError as error:  # it went round ctx.http, which knows what was sent
        problem = RetryableError(f"{connector} can't be reached.", hint="Try again later.")
        problem.maybe_sent = not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
        raise problem from error
    except BaseException as error:  # a plugin's sys.exit() ends only its own operation
        if is_ours(error):
            raise
        if isinstance(error, RecursionError) and "decoding a JSON" in str(error):
            raise RemoteError(
                f"{connector} answered something that is nested too deeply to be read.",
                hint="Check the connection's address, and what is asked for there.",
            ) from error
        if isinstance(error, UnicodeDecodeError) and _read_as_json(error):
            raise RemoteError(
                f"{connector} answered something that is no text.",
                hint="Check the connection's address; a file may have answered.",
            ) from error
        log.exception("%s.%s failed", connector, operation)
        raise PluginCrash(connector, operation) from error


def _read_as_json(error: BaseException) -> bool:
    """Whether bytes were to be JSON, as in ``response.json()``, and not even letters."""
    frames = walk_tb(error.__traceback__)
    return any(frame.f_globals.get("__name__") == "json" for frame, _ in frames)


def is_ours(error: BaseException) -> bool:
    """Say whether what comes out of a plugin's code was meant for it: to end at once.

    A generator is closed, or somebody pressed Ctrl-C, which Python tells the main thread alone.
    """
    if isinstance(error, KeyboardInterrupt):
        return threading.current_thread() is threading.main_thread()
    return isinstance(error, GeneratorExit)
