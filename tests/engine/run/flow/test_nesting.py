"""Every kind of step within every other: checks clean, runs, balances, and sends nothing twice."""

from dataclasses import dataclass

import pytest
import yaml

from engine.errors import RecipeError
from engine.run.preview import preview
from engine.run.settle import CAME_OVER
from engine.run.start import check_before_run

#: What a step writes and how it is read has tests on both databases of its own.
pytestmark = pytest.mark.sqlite
KINDS = ("each", "choose", "group", "parallel", "until", "otherwise", "collect", "call")
CALLED = """\
name: Store what is given
inputs:
  title: text
  colour: {{required: no}}
steps:
{steps}
"""


def lines(steps):
    """Return steps as a recipe writes them."""
    return yaml.safe_dump(steps, sort_keys=False, width=1000)


@dataclass(frozen=True)
class Place:
    """Where a step stands: what its templates may read there.

    :param title: an expression of a text.
    :param colour: an expression of a colour the depot may refuse.
    :param things: an expression of a list of records with a name and a colour.
    """

    title: str
    colour: str
    things: str


RECORD = Place("order.title", "order.colour", "order.things")


class Writer:
    """Writes steps of all kinds, each with an id of its own."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def id(self, word):
        self.count += 1
        return f"{word}{self.count}"

    def leaf(self, place, colour=""):
        """A step that sends a parcel of its own."""
        fields = {
            "title": f"{{{{ {place.title} }}}}",
            "colour": colour or f"{{{{ {place.colour} }}}}",
        }
        return {"id": self.id("leaf"), "use": "depot.store_parcel", "with": fields}

    def write(self, place, *kinds):
        """Return steps of the first kind around those of the next, and so on."""
        if not kinds:
            return [self.leaf(place)]
        outer, *inner = kinds
        return [getattr(self, outer)(place, inner), self.leaf(place)]

    def each(self, place, inner):
        item = self.id("thing")
        within = Place(f"{item}.name", f"{item}.colour", f"{item}.parts")
        steps = self.write(within, *inner)
        return {"id": self.id("each"), "for_each": place.things, "as": item, "steps": steps}

    def choose(self, place, inner):
        branch = {"if": f"{place.title} != 'Order 3'", "steps": self.write(place, *inner)}
        return {"id": self.id("way"), "choose": [branch], "otherwise": [self.leaf(place)]}

    def group(self, place, inner):
        return {"if": f"{place.title} is not blank", "steps": self.write(place, *inner)}

    def parallel(self, place, inner):
        return {"parallel": [self.write(place, *inner), [self.leaf(place)]]}

    def until(self, place, inner):
        state = self.id("state")
        steps = [
            *self.write(place, *inner),
            {"id": state, "set": {"now": f"{{{{ {place.title} }}}}"}},
        ]
        return {"until": f"{state}.now == {place.title}", "every": "1 second", "steps": steps}

    def otherwise(self, place, inner):
        return {**self.leaf(place, "refused"), "otherwise": self.write(place, *inner)}

    def collect(self, place, inner):
        name = self.id("box")
        steps = self.write(
            Place(f"({name} | first).name", f"({name} | first).colour", name), *inner
        )
        value = {"name": place.title, "colour": place.colour, "parts": place.things}
        fields = {field: f"{{{{ {source} }}}}" for field, source in value.items()}
        return {"id": name, "collect": fields, "steps": steps}

    def call(self, place, inner):
        name = f"called{len(list(self.folder.glob('called*')))}"
        (self.folder / f"{name}.yaml").touch()
        within = Writer(self.folder)
        # What is called reads its inputs and nothing else; no list is among them.
        steps = within.write(Place("inputs.title", "inputs.colour", "[]"), *inner)
        (self.folder / f"{name}.yaml").write_text(CALLED.format(steps=lines(steps)), "utf-8")
        given = {"title": f"{{{{ {place.title} }}}}", "colour": f"{{{{ {place.colour} }}}}"}
        return {"id": self.id("call"), "call": name, "with": given}


def things(*colours):
    return [
        {"id": f"t{n}", "name": f"Thing {n}", "colour": colour, "parts": [{"id": "p", "name": "Part", "colour": "red", "parts": []}]}
        for n, colour in enumerate(colours)
    ]  # fmt: skip


def written(office, steps, name):
    """Write a recipe; what the check finds is said."""
    try:
        recipe = office.recipe(lines(steps), trigger="order_open", name=name)
        check_before_run(office.store, office.host, recipe)
    except RecipeError as error:
        said = [f"{found.message} {found.source}" for found in error.findings]
        raise AssertionError(f"{name}: {said}") from None
    return recipe


@pytest.fixture
def kept(office):
    """What the depot took, each sending by itself."""
    taken, keep = [], office.depot._keep

    def noted(ref, request):
        taken.append((ref, request.get_json()["title"]))
        return keep(ref, request)

    office.depot._keep = noted
    return taken


@pytest.mark.parametrize("outer", KINDS)
def test_every_kind_goes_into_this_one(office, make_order, kept, outer):
    """With none, one and many entries; then with some that the depot refuses."""
    good = [
        make_order("1", things=[]),
        make_order("2", things=things("red")),
        make_order("3", things=things("red", "blue", "red")),
    ]
    bad = [
        make_order("4", things=things("red", "refused")),
        make_order("5", colour="refused", things=things("red")),
    ]
    for inner in KINDS:
        office.mill.orders = list(good)
        steps = Writer(office.library.folder).write(RECORD, outer, inner)
        recipe = written(office, steps, f"{outer}-{inner}")
        found = preview(office.store, office.host, recipe, transports={"depot": office.line})
        kept.clear()
        run = office.run(recipe)
        if "otherwise" not in (outer, inner):  # no preview foresees a refusal
            # Whether it is new there only the depot knows.
            assert all(entry.outcome in CAME_OVER for entry in found.entries), inner
            assert sum(found.counts.values()) == run.read + found.messages, inner
            assert found.messages == sum(run.messages.values()), inner
        assert not office.needs_attention(run), (inner, office.entries(run))
        assert kept, inner

        office.mill.orders = good + bad
        kept.clear()
        run = office.run(recipe)
        outcomes = office.outcomes(run)
        assert outcomes["5"] == "rejected", inner
        assert {outcomes[key] for key in "123"} == {"unchanged"}, inner
        assert not [ref for ref, _ in kept if ref[0] in "123"], inner
        kept.clear()
        office.run(recipe)
        assert kept == [], inner
        office.mill.orders = good + [
            {**order, "colour": "red", "things": things("red")} for order in bad
        ]
        run = office.run(recipe)
        assert not office.needs_attention(run), (inner, office.entries(run))
        assert office.open_problems(f"{outer}-{inner}") == {}, inner
