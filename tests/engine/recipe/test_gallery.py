"""The recipes that came with Bridgework, as examples."""

import pytest

from engine.errors import SetupError
from engine.recipe.gallery import examples, find_example


def test_an_example_has_its_words_apps_and_all_that_it_reads_beside_itself() -> None:
    example = find_example("csv-visitors-welcomed")
    assert example.title.startswith("Visitors of an open evening")
    assert example.apps == ("csv", "mailchimp")  # the latter is used by the recipe that it calls
    assert example.shows == ("call",)
    assert set(example.beside) == {"welcome-to-the-mailing.yaml", "samples/contacts.csv"}


def test_examples_are_found_by_app_and_called_recipes_are_none() -> None:
    everything = {example.name for example in examples()}
    assert "welcome-to-the-mailing" not in everything
    of_case_status = {example.name for example in examples("casestatus")}
    assert "clio-parties-to-case-status" in of_case_status < everything
    assert examples("nothing") == []


def test_a_field_called_like_a_key_is_not_taken_for_one() -> None:
    assert "limits" not in find_example("clio-workload-by-attorney").shows  # its `set:` has such


def test_what_is_no_example_is_answered_with_the_nearest() -> None:
    with pytest.raises(SetupError) as told:
        find_example("clio-matter-to-csv")
    assert "Did you mean 'clio-matters-to-csv'?" in str(told.value.hint)


def test_an_example_is_read_once() -> None:
    assert all(one is again for one, again in zip(examples(), examples(), strict=True))
