"""A backup is made while `serve` imports, and put back: its import goes on, and nothing is doubled."""

import shutil

import pytest

from engine.backup.making import make_backup
from engine.backup.restoring import restore_backup
from engine.recipe.library import Library
from engine.run.runner import execute
from engine.run.start import request_run
from engine.store.database import open_store
from engine.store.runs import RunRequest
from tests.acceptance.conftest import (
    MATTERS,
    Installation,
    came_over_once,
    every_record_has_one_outcome,
)

IMPORTED = 300


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_what_was_saved_in_the_middle_of_an_import_goes_on(installation, tmp_path):
    here = installation
    run_id = here.ask(MATTERS, limit=IMPORTED)
    here.lines["casestatus"].seconds = 0.1
    process = here.start("serve", "--port", "0")
    here.wait_for(run_id, lambda run: run.read > 0, 60)
    saved = here.run(run_id).read
    make_backup(here.store, here.library.folder, tmp_path / "all.tar")
    here.wait_for(run_id, lambda run: run.read > saved, 60)
    here.kill(process)  # the computer is lost, with the memory of what was sent meanwhile
    here.lines["casestatus"].seconds = 0
    home, recipes = tmp_path / "new", tmp_path / "new-recipes"
    shutil.copytree(here.store.home / "keys", home / "keys")
    restored = restore_backup(tmp_path / "all.tar", home, recipes, resume=True)
    store = open_store(home)
    there = Installation(store, here.host, Library(recipes), servers=here.servers)
    there.there_before = here.there_before
    settled = there.run(run_id)
    assert restored.settled.go_on == ((run_id, MATTERS),)
    assert IMPORTED > settled.read == sum(settled.counts.values()) > 0
    run = execute(store, here.host, run_id)
    assert (run.status, run.read) == ("partial", IMPORTED)
    every_record_has_one_outcome(there, run)
    came_over_once(there, run)
    sent = len(here.servers["casestatus"].requests)
    again = request_run(
        store, here.host, there.library.load(MATTERS), request=RunRequest(limit=IMPORTED)
    )
    run = execute(store, here.host, again)
    asked = here.servers["casestatus"].requests[sent:]
    assert run.counts["unchanged"] > IMPORTED / 2
    assert {request["method"] for request in asked} <= {"GET"}
    store.close()
