"""What the loops of a running Bridgework log: an outage of the database once, and not each second."""

import logging
import sys

from engine.errors import DatabaseAway


class Outages:
    """Keeps the log readable while the database is away: nobody can look at tracebacks of a whole night.

    They would also push out of the log what went before. Whatever else happens is logged in full.

    :param log: the loop's own.
    """

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._away = False

    def failed(self, what: str) -> None:
        """Log the exception that is being handled.

        :param what: what could not be done, e.g. ``"the heartbeat failed"``.
        """
        error = sys.exception()
        if not isinstance(error, DatabaseAway):
            self._log.exception(what)
        elif not self._away:
            self._away = True
            self._log.error("%s: %s", what, error)

    def went_well(self) -> None:
        if self._away:
            self._away = False
            self._log.info("the database can be used again")
