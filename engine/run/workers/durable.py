"""Runs on the execution engine (DBOS): a queue whose work survives a restart of the program.

The engine's own tables are disposable: what a run has done is in ours, and ``execute`` may be
called again for the same run at any time. So a workflow carries only the run's id, and every run
of ours that waits is handed to the engine anew until a worker has claimed it.
"""

import logging
import threading
import time
import uuid
from typing import IO

from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID
from sqlalchemy import create_engine

from engine.errors import DatabaseAway
from engine.host import Host
from engine.recipe.library import Library
from engine.redaction import RedactingFormatter
from engine.run.conditions import Conditions
from engine.run.runner import execute, lend_a_hand
from engine.run.upkeep.duties import Duties, Works
from engine.run.upkeep.listed import DUTIES
from engine.run.upkeep.outages import Outages
from engine.run.workers.attendance import Attendance
from engine.run.workers.sharing import give_back_strays, run_to_help
from engine.store import claims, runs
from engine.store.database import Store, make_private
from engine.store.locks import hold_home
from engine.store.workers import bury, list_workers

log = logging.getLogger("bridgework.worker")

#: Runs executed at once by one process; each has its own sessions.
RUNS_AT_ONCE = 2

QUEUE = "runs"
#: A line of the execution engine's log, which goes to standard error.
ENGINE_LOG = "%(asctime)s %(levelname)s %(name)s: %(message)s"
#: Seconds between the engine's looks at its queue: each is three queries, all day long.
POLL_EVERY = 0.5
#: Seconds that stopping waits for the chunks at hand.
PATIENCE = 10
#: Seconds after which a run that the engine began, and no worker claimed, is handed out again.
UNCLAIMED = 10
#: Seconds between two looks for a chunk to help with.
LOOK_EVERY = 0.2

#: DBOS allows one instance a process, and its workflows are module functions: so one worker.
_current: "Worker | None" = None


@DBOS.step(name="execute_run")
def execute_run(run_id: int) -> str:
    worker = _current
    assert worker is not None
    return worker.execute(run_id)


@DBOS.workflow(name="run_recipe")
def run_recipe(run_id: int) -> str:
    return execute_run(run_id)


class Worker:
    """Executes queued runs, helps with those of others, and does the duties; one a process.

    :raises SetupError: from :meth:`start`, when another process already works in this home.
    """

    def __init__(self, store: Store, host: Host, library: Library) -> None:
        self.store, self.host, self.library = store, host, library
        # A new name at every start: DBOS would hand a namesake's running workflows to it.
        self._boot = uuid.uuid4().hex
        self._duties = Duties(Works(store, host, library, self.enqueue), DUTIES)
        self._lock: IO[str] | None = None
        self._helping = threading.Thread(target=self._help, name="helping", daemon=True)
        self._leading: set[int] = set()
        self._guard = threading.Lock()
        self.stopping = threading.Event()

    def start(self) -> None:
        global _current
        sqlite = self.store.engine.dialect.name == "sqlite"
        self._lock = hold_home(self.store.home) if sqlite else None
        self._attendance = Attendance(self.store, serves=True, on_beat=self._give_back_strays)
        if self._lock is not None:  # the only one to serve this home: others died
            for other in list_workers(self.store):
                if other.serves and other.id != self._attendance.shift.worker:
                    bury(self.store, other.id)
        self._attendance.bury_the_dead()
        self._attendance.__enter__()
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
        for handler in logging.getLogger("dbos").handlers:  # its own, which knows no secrets
            handler.setFormatter(RedactingFormatter(ENGINE_LOG))
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=RUNS_AT_ONCE, polling_interval_sec=POLL_EVERY)
        for run in claims.waiting_runs(self.store):
            self.enqueue(run.id)
        self._duties.start()
        if self.store.engine.dialect.name != "sqlite":
            self._helping.start()

    def enqueue(self, run_id: int) -> None:
        """Hand a waiting run to the engine; however often, it is executed once."""
        run = runs.get_run(self.store, run_id)
        if run is None or run.status != "queued" or run.worker:
            return
        if not claims.is_its_turn(self.store, run_id):  # it is handed out when it is
            return
        workflow = f"run-{run_id}-{run.attempts}"
        known = DBOS.get_workflow_status(workflow)
        if known is None:
            with SetWorkflowID(workflow):
                DBOS.enqueue_workflow(QUEUE, run_recipe, run_id)
        elif known.status != "ENQUEUED" and abs(_age(known.updated_at)) > UNCLAIMED:
            # Who began it died before claiming the run, or the clock was put back.
            claims.put_back(self.store, run_id, worker="")

    def execute(self, run_id: int) -> str:
        """Carry out a run, if nobody else has it."""
        with self._guard:
            if run_id in self._leading:  # handed out again meanwhile
                return "running"
            self._leading.add(run_id)
        try:
            shift = self._attendance.shift
            return execute(
                self.store, self.host, run_id, pause=self.stopping.is_set, shift=shift
            ).status
        except DatabaseAway as error:  # the next beat gives the run back
            log.warning("run %s was cut short: %s", run_id, error)
            return "running"
        finally:
            self._leading.discard(run_id)

    def stop(self) -> None:
        """Stop after the chunks at hand; unfinished runs go on at the next start."""
        global _current
        self.stopping.set()
        self._duties.stop()
        # DBOS waits a whole second at least, even for nothing.
        DBOS.destroy(workflow_completion_timeout_sec=PATIENCE if self._has_work() else 0)
        if self._helping.is_alive():
            self._helping.join(timeout=PATIENCE)
        _current = None
        self._attendance.__exit__()
        if self._lock is not None:
            self._lock.close()

    def _has_work(self) -> bool:
        """Whether a run is under way here, or could be begun at any moment."""
        waiting = ["ENQUEUED", "PENDING"]
        return bool(DBOS.list_workflows(status=waiting, limit=1, load_input=False))

    def _give_back_strays(self) -> None:
        """Put back what this worker has and no thread is at: its end could not be written."""
        give_back_strays(self.store, self._attendance.shift)
        worker = self._attendance.shift.worker
        for run_id in claims.runs_of(self.store, worker):
            if run_id not in self._leading:
                log.warning("run %s is handed out again, for its end could not be written", run_id)
                claims.put_back(self.store, run_id, worker, died=True)

    def _help(self) -> None:
        outages = Outages(log)
        while not self.stopping.wait(LOOK_EVERY):
            try:
                run_id = run_to_help(self.store, besides=self._leading)
                if run_id is not None:
                    how = Conditions(shift=self._attendance.shift, pause=self.stopping.is_set)
                    lend_a_hand(self.store, self.host, run_id, how)
                outages.went_well()
            except Exception:
                outages.failed("could not help with a run")
                self.stopping.wait(5)


def _age(milliseconds: int | None) -> float:
    """Return the seconds since a moment as DBOS writes it."""
    return time.time() - (milliseconds or 0) / 1000


def _engine_url(store: Store) -> str:
    """Return where the execution engine keeps its own tables."""
    if store.engine.dialect.name != "sqlite":
        return store.engine.url.render_as_string(hide_password=False)
    path = store.home / "engine.db"
    make_private(str(path))
    # DBOS leaves SQLite in its rollback journal; WAL doubles its speed and lasts once set.
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    engine.dispose()
    return f"sqlite:///{path}"
