"""Runs on the execution engine (DBOS): a queue whose work survives a restart of the program.

The engine's own tables are disposable: what a run has done is in ours, and ``execute`` may be
called again for the same run at any time. So a workflow carries only the run's id, and at start
every unfinished run of ours is asked for anew.
"""

import fcntl
import logging
import os
import threading
import uuid
from typing import IO

from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import create_engine

from engine.errors import SetupError
from engine.host import Host
from engine.recipe.library import Library
from engine.run.duties import Duties, Works
from engine.run.runner import execute
from engine.run.upkeep import DUTIES
from engine.store import runs
from engine.store.database import Store

log = logging.getLogger("bridgework.worker")

#: Runs executed at once by one process; each has its own sessions.
RUNS_AT_ONCE = 2

QUEUE = "runs"
#: Seconds that stopping waits for the chunks at hand.
PATIENCE = 10

#: DBOS allows one instance a process, and its workflows are module functions: so one worker.
_current: "Worker | None" = None


@DBOS.step(name="execute_run")
def execute_run(run_id: int) -> str:
    worker = _current
    assert worker is not None
    return execute(worker.store, worker.host, run_id, pause=worker.stopping.is_set).status


@DBOS.workflow(name="run_recipe")
def run_recipe(run_id: int) -> str:
    return execute_run(run_id)


class Worker:
    """Executes queued runs, and asks for those that are due; one a process.

    :raises SetupError: from :meth:`start`, when another process already works in this home.
    """

    def __init__(self, store: Store, host: Host, library: Library) -> None:
        self.store, self.host, self.library = store, host, library
        # A new name at every start: DBOS would hand a namesake's running workflows to it.
        self._boot = uuid.uuid4().hex[:12]
        self._duties = Duties(Works(store, host, library, self.enqueue), DUTIES)
        self._lock: IO[str] | None = None
        self.stopping = threading.Event()

    def start(self) -> None:
        global _current
        self._lock = _lock_home(self.store)
        _current = self
        DBOS(
            config={
                "name": "bridgework",
                "system_database_url": _engine_url(self.store),
                "application_version": "1",  # else any edit would strand runs under way
                "executor_id": self._boot,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "WARNING",
                "max_executor_threads": 16,
            }
        )
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=RUNS_AT_ONCE, polling_interval_sec=0.2)
        for run in runs.list_runs(self.store, limit=500):
            if run.active:
                self.enqueue(run.id)
        self._duties.start()

    def enqueue(self, run_id: int) -> None:
        """Put a run that was asked for on the queue."""
        with SetWorkflowID(f"run-{run_id}-{self._boot}"):
            DBOS.enqueue_workflow(QUEUE, run_recipe, run_id)

    def stop(self) -> None:
        """Stop after the chunks at hand; unfinished runs go on at the next start."""
        global _current
        self.stopping.set()
        self._duties.stop()
        DBOS.destroy(workflow_completion_timeout_sec=PATIENCE)
        _current = None
        if self._lock is not None:
            self._lock.close()


def _engine_url(store: Store) -> str:
    """Return where the execution engine keeps its own tables."""
    if store.engine.dialect.name != "sqlite":
        return store.engine.url.render_as_string(hide_password=False)
    path = store.home / "engine.db"
    # DBOS leaves SQLite in its rollback journal; WAL doubles its speed and lasts once set.
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()
    return f"sqlite:///{path}"


def _lock_home(store: Store) -> IO[str] | None:
    if store.engine.dialect.name != "sqlite":
        return None
    file = (store.home / "serve.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise SetupError(
            f"Another `bridgework serve` already works in '{store.home}'.",
            hint="Stop it first, or choose another home with --home.",
        ) from None
    file.seek(0)
    file.truncate()
    file.write(str(os.getpid()))
    file.flush()
    return file
