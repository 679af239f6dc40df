"""Executes a run in chunks of eight, and kills itself at a chosen commit: HOME RUN COMMIT."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import event

from engine.host import build_host
from engine.run import act, plan
from engine.run.runner import execute
from engine.store.database import open_store

plan.CHUNK = plan.CHUNK_OF_CALLS = 8
act.JOURNAL_EVERY = 0
home, run_id, kill_at = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
store = open_store(home)
host = build_host([], folder=home / "plugins", strict=True)
commits = 0


@event.listens_for(store.engine, "commit")
def on_commit(connection: Any) -> None:
    """Die just before what was written becomes lasting."""
    global commits
    commits += 1
    if commits == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)


execute(store, host, run_id)
