"""Opens the database: SQLite in WAL under the home folder, or PostgreSQL by its URL."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Dialect,
    Engine,
    Table,
    column,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
    table,
)
from sqlalchemy import Connection as DatabaseConnection
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DBAPIError,
    InterfaceError,
    InternalError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from engine.errors import DatabaseAway, SetupError
from engine.store.elsewhere import DATABASE as DATABASE
from engine.store.elsewhere import URL_VARIABLE as URL_VARIABLE
from engine.store.elsewhere import note_elsewhere, refuse_elsewhere
from engine.store.kept_files import KeptFiles
from engine.store.sealed import holds_sealed, prove
from engine.store.silence import silence
from engine.store.vault import Vault, open_vault

HOME_VARIABLE = "BRIDGEWORK_HOME"

#: Stands in a home while a backup is put there: what is in the home may be half of it.
RESTORING = "restore-under-way"

#: The newest of the migrations.
REVISION = "0005"


@dataclass(frozen=True)
class Store:
    """An open home: its database, its vault, its folder.

    :param fence: called first in every writing transaction; raises where its writer no longer may.
    """

    engine: Engine
    vault: Vault
    home: Path
    fence: Callable[[DatabaseConnection], None] | None = None

    @contextmanager
    def reading(self) -> Iterator[DatabaseConnection]:
        """Open a transaction that only reads; on SQLite it never waits for a writer.

        :raises DatabaseAway: the database is out of reach.
        """
        with _told_apart(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[DatabaseConnection]:
        """Open a transaction that writes; on SQLite it takes its turn at once, not half way.

        :raises DatabaseAway: the database is out of reach, full or locked; when it was lost with
            the end of the transaction, that may have counted all the same.
        """
        writes = self.engine.execution_options(bridgework_writes=True)
        with _told_apart(), writes.begin() as connection:
            if self.fence is not None:
                self.fence(connection)
            yield connection

    @cached_property
    def files(self) -> KeptFiles:
        """The contents of files that records name."""
        return KeptFiles(self.home / "kept-files", self.vault)

    def close(self) -> None:
        self.engine.dispose()


def home_folder(given: Path | None = None) -> Path:
    """Return the home: as given, else ``$BRIDGEWORK_HOME``, else ``./.bridgework``."""
    return (given or Path(os.environ.get(HOME_VARIABLE) or ".bridgework")).absolute()


def database_url(home: Path, given: str | None = None) -> str:
    """Return the database's address: as given, else ``$BRIDGEWORK_DATABASE_URL``, else a file."""
    return given or os.environ.get(URL_VARIABLE) or f"sqlite:///{home / DATABASE}"


def open_store(home: Path, url: str | None = None) -> Store:
    """Open the database of ``home``, bringing its tables up to date.

    :param url: of the database; default ``$BRIDGEWORK_DATABASE_URL``, else a file in ``home``.
    :raises SetupError: the database can't be reached, is damaged, or its key is missing or wrong.
    """
    url = database_url(home, url)
    with ExitStack() as in_vain:
        try:
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
            _refuse_half(home)
            if url == f"sqlite:///{home / DATABASE}":
                refuse_elsewhere(home)
            engine = open_engine(url)
            in_vain.callback(engine.dispose)
            migrate(engine)
            with engine.connect() as connection:
                sealed = holds_sealed(connection)
        except (DatabaseError, ArgumentError, ImportError, OSError) as error:  # no such kind
            raise SetupError(
                f"The database can't be opened: {_reason(error)}.",
                hint=f"Check that '{home}' can be written to, or the address in {URL_VARIABLE}.",
            ) from error
        vault = open_vault(home / "keys", sealed_before=sealed)
        prove(engine, vault)
        if engine.dialect.name != "sqlite":
            note_elsewhere(home)
        in_vain.pop_all()
        return Store(engine, vault, home)


def _refuse_half(home: Path) -> None:
    if (home / RESTORING).exists():
        raise SetupError(
            f"A backup is being restored into '{home}', or that was cut short.",
            hint="Wait for `bridgework restore` to end. If none is at work, run it again.",
        )


def open_engine(url: str) -> Engine:
    """Return the database at an address; its tables may be of any version, or not there yet."""
    # Errors go to the log, and parameters hold people's data.
    # Connections are tried before use, for PostgreSQL may have been restarted meanwhile.
    engine = create_engine(_with_driver(url), hide_parameters=True, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        make_private(engine.url.database)
        _prepare_sqlite(engine)
    return engine


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; costs one look when they are."""
    with engine.connect() as connection:
        if _revision(connection) == REVISION:
            return
    with _rebuilding(engine) as connection:
        take_turns(connection, "migration")
        # Here, because they take 0.08 s, a tenth of a short run, and are needed once a version.
        from alembic import command
        from alembic.config import Config
        from alembic.util.exc import CommandError

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError:  # it knows no migration of the name that the tables are at
            raise SetupError(
                "The database was made by a newer version of Bridgework.",
                hint="Install that version again, or restore a backup from before.",
            ) from None


@contextmanager
def _rebuilding(engine: Engine) -> Iterator[DatabaseConnection]:
    """Open a transaction in which tables may be built anew under their names.

    SQLite changes a constraint only so, and takes the table's rows for deleted ones meanwhile: it
    mustn't look at references then, which can be said only outside of a transaction.
    """
    with engine.connect().execution_options(bridgework_writes=True) as connection:
        driver = connection.connection.driver_connection
        sqlite = driver if engine.dialect.name == "sqlite" else None
        if sqlite is not None:
            sqlite.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            if sqlite is not None:
                sqlite.execute("PRAGMA foreign_keys=ON")


def take_turns(connection: DatabaseConnection, name: str) -> None:
    """Let one transaction at a time go on, of all that take turns at ``name``; held to its end.

    On SQLite a writing transaction is alone as it is.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.pg_advisory_xact_lock(lock_number(name))))


def lock_number(name: str) -> int:
    """Return the number that PostgreSQL knows a lock by."""
    return int.from_bytes(hashlib.sha256(f"bridgework:{name}".encode()).digest()[:8], signed=True)


def _revision(connection: DatabaseConnection) -> str | None:
    """Return which of the migrations the tables are at; None where there are none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    versions = table("alembic_version", column("version_num"))
    return connection.execute(select(versions.c.version_num)).scalar()


def upsert(
    connection: DatabaseConnection,
    table: Table,
    rows: Sequence[dict[str, Any]],
    *,
    update: Sequence[str],
) -> None:
    """Insert rows in one go; where a primary key is there already, set its ``update`` columns.

    :param update: empty: what is there already stays as it is, by any of its unique keys.
    """
    if rows:
        connection.execute(_upserting(connection.dialect, table, tuple(update)), rows)


@lru_cache(maxsize=64)
def _upserting(dialect: Dialect, table: Table, update: tuple[str, ...]) -> Any:
    """Return the statement; SQLAlchemy takes 0.2 ms to make it, and as long to know it again."""
    statement = dialect_insert(dialect, table)
    if not update:
        return statement.on_conflict_do_nothing()
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: statement.excluded[name] for name in update},
    )


def dialect_insert(dialect: Dialect, table: Table) -> Any:
    """Return an INSERT that can say what happens ON CONFLICT, which SQLAlchemy's own can't."""
    # The one in use only: PostgreSQL's takes 0.02 s to import.
    return import_module(f"sqlalchemy.dialects.{dialect.name}").insert(table)


@contextmanager
def _told_apart() -> Iterator[None]:
    """Tell a database that is away from a statement that is wrong.

    :raises DatabaseAway: it is away, full or locked, or ended this session or a deadlock.
    """
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        raise _away(error) from error
    except (NoConnectionFree, PendingRollbackError) as error:
        raise _away(error) from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _away(error) from error
        raise


def _away(error: Exception) -> DatabaseAway:
    return DatabaseAway(
        f"The database can't be used: {_reason(error)}.",
        hint="Check that it is running and can be written to, and that its disk is not full.",
    )


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, FileExistsError):
        return f"'{cause.filename}' is no folder"
    if isinstance(cause, OSError) and cause.strerror:
        return f"{cause.strerror[0].lower()}{cause.strerror[1:]}"
    return str(cause).strip().splitlines()[0].rstrip(".")


def _with_driver(url: str) -> URL:
    """Return the address as SQLAlchemy takes it.

    A process that was stopped in the middle of a transaction keeps its locks; PostgreSQL ends the
    session when it is silent for so long, and who waits for them goes on.
    """
    found = make_url(url)
    if found.drivername != "postgresql":
        return found
    milliseconds = str(int(silence() * 1000))
    # A server whose machine is gone answers nothing at all: it is not waited for for ever (libpq).
    patience = {"connect_timeout": "10", "tcp_user_timeout": milliseconds, "keepalives_idle": "10"}
    options = {"options": f"-c idle_in_transaction_session_timeout={milliseconds}"}
    kept = {name: value for name, value in patience.items() if name not in found.query}
    return found.set(drivername="postgresql+psycopg").update_query_dict({**kept, **options})


def make_private(file: str | None) -> None:
    """Make the file of a database that isn't there yet, readable by its owner alone.

    SQLite's further files take after it. In a folder that others may read, a database would else
    be theirs to read, too.
    """
    if file and file != ":memory:" and not file.startswith("file:"):
        with suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # WAL lets the pages read while a run writes; the driver's own transaction handling would
        # begin too late for a read followed by a write, so BEGIN is ours (SQLAlchemy's advice).
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: DatabaseConnection) -> None:
        writes = connection.get_execution_options().get("bridgework_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
