"""What people call the records of a recipe."""

from pathlib import Path

from engine.host import Host, build_host
from engine.recipe.load import parse_recipe
from engine.recipe.nouns import noun_of_use
from plugins import clio, http


def called(host: Host, use: str, name: str) -> str:
    text = f"name: N\ntrigger: {{use: {use}, as: {name}, schedule: manual}}\nsteps: [{{stop: Enough.}}]\n"
    trigger = parse_recipe(text, Path("n.yaml")).trigger
    return noun_of_use(trigger, host.operation(use)).count(2)


def test_a_trigger_that_takes_anything_lets_the_recipe_say_what_its_records_are() -> None:
    host = build_host([clio, http], strict=True)
    assert called(host, "http.record_listed", "order") == "2 orders"
    assert called(host, "http.record_listed", "unpaid_entry") == "2 unpaid entries"
    assert called(host, "http.record_listed", "record") == "2 records"
    assert called(host, "clio.matter_changed", "it") == "2 matters"
