"""Names of things in sentences."""

from engine.nouns import listed


def test_of_very_many_names_the_first_are_told_and_the_others_counted() -> None:
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c"], 2) == "a, b and 1 more"
    assert listed([str(n) for n in range(2000)], 1) == "0 and 1,999 more"
