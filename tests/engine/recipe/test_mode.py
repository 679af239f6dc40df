"""``mode:`` says what becomes of a run that is asked for while another is active."""

from pathlib import Path

import pytest

from engine.recipe.load import read_recipe

RECIPE = "name: A\ntrigger: {use: office.case_changed}\nsteps: [{use: desk.save_ticket}]\n"


@pytest.mark.parametrize("mode", ["single", "queued", "restart"])
def test_what_is_written_is_read(mode):
    recipe, found = read_recipe(f"{RECIPE}mode: {mode}\n", Path("r.yaml"))
    assert (recipe.mode, found) == (mode, [])


def test_left_out_means_one_at_a_time():
    recipe, _ = read_recipe(RECIPE, Path("r.yaml"))
    assert recipe.mode == "single"


def test_parallel_is_no_mode_and_says_why():
    _, [found] = read_recipe(f"{RECIPE}mode: parallel\n", Path("r.yaml"))
    assert "a record is in one run at a time" in found.message
    assert found.corrected == "mode: queued"


def test_another_word_is_corrected():
    _, [found] = read_recipe(f"{RECIPE}mode: queue\n", Path("r.yaml"))
    assert (found.code, found.corrected) == ("unknown-choice", "mode: queued")
