"""What pickers offer: the account's prices."""

from collections.abc import Iterator
from typing import Annotated

from engine.sdk import Context, Field, Option
from plugins.stripe.api import listed
from plugins.stripe.money import to_amount


def prices(ctx: Context) -> Iterator[Option]:
    """Offer prices that are in use, by product and amount."""
    for price in listed(ctx, "prices", {"active": "true", "expand[]": "data.product"}):
        product = price.get("product")
        name = product.get("name") if isinstance(product, dict) else product
        amount = to_amount(price.get("unit_amount"), price.get("currency"))
        every = (price.get("recurring") or {}).get("interval")
        label = f"{name}: {amount or 'by tiers'} {str(price.get('currency')).upper()}"
        yield Option(price["id"], f"{label} a {every}" if every else label)


Price = Annotated[
    str,
    Field(
        "Price", "Stripe: Product catalogue, a product, its price's id (price_…).", options=prices
    ),
]
