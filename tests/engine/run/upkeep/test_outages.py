"""A log that a night without the database leaves readable."""

import logging
import threading
from datetime import timedelta

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from engine.host import build_host
from engine.recipe.library import Library
from engine.run.upkeep.duties import Duties, Duty, Works


def test_an_outage_is_logged_once_and_so_is_its_end(sqlite_store, clock, caplog, tmp_path):
    """The loop of the duties looks many times meanwhile, and goes on by itself."""
    caplog.set_level(logging.INFO, "bridgework.duties")
    store, looks, done = sqlite_store, threading.Semaphore(0), threading.Event()
    works = Works(store, build_host([], strict=True), Library(tmp_path), lambda _run: None)
    good = Duty("good", timedelta(minutes=1), lambda _works: done.set())

    def cut_off(*_statement):
        looks.release()
        raise OperationalError("SELECT", {}, Exception("server closed the connection"))

    event.listen(store.engine, "before_cursor_execute", cut_off)
    duties = Duties(works, [good], clock, pause=0.01)
    duties.start()
    assert all(looks.acquire(timeout=5) for _ in range(5))
    event.remove(store.engine, "before_cursor_execute", cut_off)
    assert done.wait(5)
    duties.stop()
    first, second = caplog.records
    assert first.getMessage().startswith("duties could not be looked at: The database can't be")
    assert first.exc_info is None
    assert second.getMessage() == "the database can be used again"
