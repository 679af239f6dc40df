"""Templates alone: job C's six fields of records that are in memory, by everyone who can map them.

All in one process, in turns. Counted is the processor's time, so that what else the machine does counts
little.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from bench.handwritten import by_hand, by_native_templates, by_templates
from bench.sample_data import case, row

RECORDS = 1_000
TURNS = 9
RECIPE = Path(__file__).with_name("recipes") / "c.yaml"
FIELDS = tuple(case(0))

#: From a row of the file to the values of the six fields.
Mapping = Callable[[dict[str, str]], Any]


def mappings() -> dict[str, Mapping]:
    """Return who takes part."""
    from engine.recipe.filters import TESTS, filters_for
    from engine.recipe.load import parse_recipe
    from engine.recipe.templates.compiled import by_jinja
    from engine.recipe.templates.environment import build_environment
    from engine.recipe.templates.template import compile_fields
    from engine.recipe.templates.trees import value_node

    recipe = parse_recipe(RECIPE.read_text(encoding="utf-8"), RECIPE)
    (step,) = recipe.uses
    environment = build_environment(filters_for(recipe.tables), TESTS)
    fields = compile_fields(environment, step.fields)
    assert tuple(path[0] for path in fields.paths) == FIELDS
    each = [by_jinja(environment, value_node(environment, v)) for v in step.fields.values.values()]
    return {
        "by hand, f-strings": lambda one: list(by_hand(one).values()),
        "Jinja, native, a template a field": _values(by_native_templates()),
        "Jinja, a template a field": _values(by_templates()),
        "the same expressions by Jinja": lambda one: [field({"row": one}) for field in each],
        "Bridgework": lambda one: fields.values({"row": one}),
    }


def _values(mapping: Callable[[dict[str, str]], dict[str, Any]]) -> Mapping:
    return lambda one: list(mapping(one).values())


def compare_fields() -> None:
    """Print fields a second for each, and the ratios to work by hand and to bare Jinja.

    :raises AssertionError: somebody's values aren't those that the job asks for.
    """
    indexes = [index for index in range(RECORDS) if row(index)["email"]]
    records = [row(index) for index in indexes]
    wanted = [list(case(index).values()) for index in indexes]
    seconds: dict[str, list[float]] = {}
    taking_part = mappings()
    for title, mapping in taking_part.items():
        assert [mapping(one) for one in records] == wanted, title
    gc.collect()
    gc.freeze()  # else Jinja's contexts have the engine's modules looked through, which isn't its work
    for _ in range(TURNS):
        for title, mapping in taking_part.items():
            started = time.process_time()
            for one in records:
                mapping(one)
            seconds.setdefault(title, []).append(time.process_time() - started)
    count = len(records) * len(FIELDS)
    hand, native = (median(seconds[title]) for title in list(taking_part)[:2])
    print(f"\nC's templates alone: {len(FIELDS)} fields of {len(records)} records, {TURNS} turns")
    heads = ("fields/s", "slowest", "fastest", "to hand", "to native")
    print(f"{'':<36}" + "".join(f"{head:>12}" for head in heads))
    for title, taken in seconds.items():
        rates = [count / one for one in (median(taken), max(taken), min(taken))]
        ratios = [hand / median(taken), native / median(taken)]
        cells = [*(f"{rate:,.0f}" for rate in rates), *(f"{ratio:.2f}" for ratio in ratios)]
        print(f"{title:<36}" + "".join(f"{cell:>12}" for cell in cells), flush=True)


if __name__ == "__main__":
    compare_fields()
