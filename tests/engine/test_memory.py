"""When Python looks for garbage: hardly ever while a program starts, often enough in a run."""

import gc
from collections.abc import Iterator

import pytest

from engine.memory import IN_A_RUN, WHILE_STARTING, program_memory, started


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_a_program_that_starts_looks_for_no_garbage_and_a_run_does() -> None:
    with program_memory():
        assert gc.get_threshold()[0] == WHILE_STARTING
        kept = gc.get_freeze_count()
        started()
        assert gc.get_threshold()[0] == IN_A_RUN
        assert gc.get_freeze_count() > kept
        assert gc.get_count()[0] < IN_A_RUN


def test_another_programs_own_setting_is_left_alone() -> None:
    gc.set_threshold(700)
    kept = gc.get_freeze_count()
    started()
    assert gc.get_threshold()[0] == 700
    assert gc.get_freeze_count() == kept
