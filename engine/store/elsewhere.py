"""A note in a home whose database is a PostgreSQL: nobody begins another one there by mistake.

Cron and command lines have not the environment of the service. Without the note their commands would
find nothing, or begin a file beside it.
"""

from contextlib import suppress
from pathlib import Path

from engine.errors import SetupError

URL_VARIABLE = "BRIDGEWORK_DATABASE_URL"
#: The database's file in a home that has no PostgreSQL.
DATABASE = "bridgework.db"
ELSEWHERE = "database-is-elsewhere"


def note_elsewhere(home: Path) -> None:
    with suppress(OSError):  # it is a help only, and some may not write here
        (home / ELSEWHERE).touch(mode=0o600)


def refuse_elsewhere(home: Path) -> None:
    """Refuse to begin a file in a home whose database is a PostgreSQL.

    :raises SetupError: this is such a home.
    """
    if (home / ELSEWHERE).exists() and not (home / DATABASE).exists():
        raise SetupError(
            f"The database of '{home}' is a PostgreSQL, and {URL_VARIABLE} doesn't say which.",
            hint="Set it to the address that `bridgework serve` has. If this home is to have a new"
            f" database in a file instead, delete '{home / ELSEWHERE}'.",
        )
