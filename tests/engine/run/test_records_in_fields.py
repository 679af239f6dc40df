"""A field may hold a list of records, each with templates of its own."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from engine.host import Host, build_host
from engine.recipe.checking.check import check_text
from engine.recipe.filters import TESTS, filters_for
from engine.recipe.load import parse_recipe
from engine.recipe.templates.environment import build_environment
from engine.run.rows import Refused, RowBuilder, row_builder
from engine.sdk import Accepted, Connector, Context, NotRequired, Record, TypedDict, hookimpl

shop = Connector(name="shop", title="The Shop")


class Price(TypedDict):
    amount: float
    currency: str


class Item(TypedDict):
    name: str
    quantity: int
    note: NotRequired[str]
    price: NotRequired[Price]


@shop.trigger("Order placed", key="id", sample={"id": "1", "what": "tea", "count": 3, "note": ""})
def order_placed(ctx: Context) -> Any:
    """Start with each order."""
    yield from ()


@shop.action("Save an invoice", sample={"id": "7"})
def save_invoice(
    ctx: Context, number: str, line_items: list[Item], tags: list[str] | None = None
) -> Accepted:
    """Save an invoice."""
    raise NotImplementedError


@hookimpl
def register_connectors() -> list[Connector]:
    return [shop]


RECIPE = """\
name: Orders become invoices
trigger: {use: shop.order_placed, as: order}
steps:
  - use: shop.save_invoice
    with:
      number: "{{ order.id }}"
      line_items:
        - name: "{{ order.what }}"
          quantity: "{{ order.count }}"
          note: "{{ order.note }}"
          price.amount: "{{ order.count * 2 }}"
          price.currency: EUR
        - {name: Postage, quantity: 1}
"""


@pytest.fixture(scope="module")
def host() -> Host:
    plugin = ModuleType("shop")
    plugin.__dict__["register_connectors"] = register_connectors
    return build_host([plugin], strict=True)


def builder(text: str = RECIPE) -> RowBuilder:
    [step] = parse_recipe(text, Path("recipes/r.yaml")).uses
    environment = build_environment(filters_for({}), TESTS)
    action = shop.actions["save_invoice"]
    return row_builder(environment, action, step.fields, app="The Shop", noun="order")


def order(**fields: Any) -> Record:
    return {"order": {"id": "1", "what": "tea", "count": "3", "note": "", **fields}}


def messages(host: Host, text: str) -> list[str]:
    return [found.message for found in check_text(text, Path("recipes/r.yaml"), host)]


def test_each_record_is_built_and_its_fields_get_their_types() -> None:
    assert builder().build(order(count=3, note=None))["line_items"] == [
        {"name": "tea", "quantity": 3, "price": {"amount": 6.0, "currency": "EUR"}},
        {"name": "Postage", "quantity": 1},
    ]


def test_what_does_not_fit_rejects_the_record_and_names_the_field() -> None:
    text = RECIPE.replace(
        '          price.amount: "{{ order.count * 2 }}"\n          price.currency: EUR\n', ""
    )
    with pytest.raises(Refused) as refused:
        builder(text).build(order(count="many"))
    assert (refused.value.field, refused.value.code) == ("line_items.quantity", "not_a_number")
    with pytest.raises(Refused) as refused:
        builder(text).build(order(what=" "))
    assert refused.value.reason == "The Shop needs line_items.0.name, but this order has none."


def test_a_good_list_has_no_findings(host: Host) -> None:
    assert messages(host, RECIPE) == []


WRONG = [
    ("name: Postage, ", "nmae: Postage, ", "An entry of 'line_items' has no field 'nmae'."),
    ("{name: Postage, quantity: 1}", "{name: Postage}", "An entry of 'line_items' needs 'quantity'."),
    ("quantity: 1}", "quantity: one}", "'quantity': 'one' is not a whole number."),
    ("{{ order.what }}", "{{ order.waht }}", "'order' has no field 'waht'."),
    ("{name: Postage, quantity: 1}", "Postage", "'line_items' is a list of texts and of records."),
    ("{name: Postage, quantity: 1}", "[Postage]", "'line_items' is a list with a list in it."),
    ("      line_items:", "      tags: [{a: b}]\n      line_items:", "The entries of 'tags' are text, not records."),
    ('      number: "{{ order.id }}"', "      number: [{a: b}]", "'number' takes text, not a list of records."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), WRONG, ids=range(len(WRONG)))
def test_what_is_wrong_in_a_list_is_found(host: Host, old: str, new: str, message: str) -> None:
    assert old in RECIPE
    assert message in messages(host, RECIPE.replace(old, new, 1))


def test_values_that_are_worked_out_may_be_lists_of_records(host: Host) -> None:
    steps = """\
steps:
  - id: all
    set: {lines: [{name: "{{ order.what }}", quantity: 1}]}
  - use: shop.save_invoice
    with: {number: "1", line_items: "{{ all.lines }}", tags: "{{ all.lines | map('name') }}"}
"""
    text = RECIPE[: RECIPE.index("steps:")] + steps
    assert messages(host, text) == []
    assert messages(host, text.replace("map('name')", "map('nmae')")) == [
        "An entry of 'all.lines' has no field 'nmae'."
    ]
