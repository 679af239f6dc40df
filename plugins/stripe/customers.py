"""Customers: made, changed, kept once by e-mail address or by an id of another app's, and found."""

from typing import Annotated, Any, cast

from engine.sdk import Accepted, Context, Field, InputError, Record, TypedDict, Unpack
from plugins.stripe import api
from plugins.stripe.fields import Customer
from plugins.stripe.records import to_customer

#: Where this connector keeps the id that another app knows a customer by.
EXTERNAL_ID = "external_id"
ADDRESS = ("line1", "city", "state", "postal_code", "country")

Email = Annotated[str | None, Field("E-mail", format="email")]
Metadata = Annotated[
    dict[str, str] | None,
    Field("Metadata", "Up to 50 values of your own, by name, such as `matter: 00042`."),
]
ExternalId = Annotated[
    str | None,
    Field(
        "Id elsewhere",
        f"The id that your other app knows the customer by; kept as the metadata `{EXTERNAL_ID}`.",
    ),
]
CustomerId = Annotated[str, Field("Customer", "Its id in Stripe (cus_…).")]


class CustomerFields(TypedDict, total=False):
    """What a customer may be given."""

    email: Email
    name: Annotated[str | None, Field("Name")]
    phone: Annotated[str | None, Field("Phone")]
    description: Annotated[str | None, Field("Description", "Seen only by you.")]
    line1: Annotated[str | None, Field("Street")]
    city: Annotated[str | None, Field("City")]
    state: Annotated[str | None, Field("State")]
    postal_code: Annotated[str | None, Field("Postal code")]
    country: Annotated[str | None, Field("Country", "Its code of two letters, such as US.")]
    metadata: Metadata


def create_customer(ctx: Context, **fields: Unpack[CustomerFields]) -> Customer:
    """Add a customer, even if there is one with this address: Stripe lets several have the same."""
    return to_customer(api.post(ctx, "customers", _values(fields)))


def update_customer(
    ctx: Context,
    customer: CustomerId,
    **fields: Unpack[CustomerFields],
) -> Customer:
    """Change a customer; fields that are left out stay, and so does other metadata."""
    return to_customer(api.post(ctx, f"customers/{path_id(customer)}", _values(fields)))


def upsert_customer(
    ctx: Context,
    external_id: ExternalId = None,
    **fields: Unpack[CustomerFields],
) -> Accepted:
    """Add a customer or update the one there is: by the id elsewhere if given, else by e-mail.

    The customer that this record became before is updated whatever has changed in it.
    """
    found = _known(ctx) or _search(ctx, fields.get("email"), external_id)
    if external_id:
        fields["metadata"] = {**(fields.get("metadata") or {}), EXTERNAL_ID: external_id}
    values = _values(fields)
    if found is None:
        made = api.post(ctx, "customers", values, part="create")
        return Accepted(cast(Record, to_customer(made)), created=True)
    # The key is this customer's alone: by the next try it may be another one.
    saved = api.post(ctx, f"customers/{found['id']}", values, part=f"update:{found['id']}")
    return Accepted(cast(Record, to_customer(saved)), created=False)


def find_customer(
    ctx: Context,
    customer: Annotated[str | None, Field("Customer", "Its id in Stripe (cus_…).")] = None,
    email: Email = None,
    external_id: ExternalId = None,
) -> Customer | None:
    """Find a customer by its id in Stripe, by the id elsewhere, or by e-mail address.

    Stripe tells capital letters in addresses apart. A customer is found by the id elsewhere up to a
    minute after it was made.
    """
    if customer:
        found = api.find_one(ctx, f"customers/{path_id(customer)}")
    else:
        found = _search(ctx, email, external_id)
    return None if found is None else to_customer(found)


def _known(ctx: Context) -> api.Json | None:
    """Return the customer that this record became before, unless it is gone."""
    return api.find_one(ctx, f"customers/{ctx.target_id}") if ctx.target_id else None


def _search(ctx: Context, email: str | None, external_id: str | None) -> api.Json | None:
    """Return the one customer with this id elsewhere or else address; None where there is none.

    :raises InputError: neither is given, or several customers have it.
    """
    if external_id:
        query = f"metadata['{EXTERNAL_ID}']:'{quoted(external_id)}'"
        path, params, words = "customers/search", {"query": query}, f"id '{external_id}'"
    elif email:
        path, params, words = "customers", {"email": email.strip()}, f"address '{email.strip()}'"
    else:
        raise InputError(
            "Neither an e-mail address nor an id is given to find a customer by.",
            hint="Fill one of them in.",
            field="email",
            code="nothing_to_find_by",
        )
    found: list[api.Json] = api.get(ctx, path, {**params, "limit": 3}).get("data") or []
    if len(found) > 1:
        ids = ", ".join(str(one["id"]) for one in found)
        raise InputError(
            f"Stripe has several customers with the {words}: {ids}.",
            hint="Merge or delete them in Stripe, or name the right one by its id with "
            "`update_customer`.",
            field="external_id" if external_id else "email",
            code="several_customers",
        )
    return found[0] if found else None


def quoted(text: str) -> str:
    """Write text so that it stands between quotes in a query of Stripe's search."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def path_id(text: str) -> str:
    """Return an id as it may stand in a path.

    :raises InputError: it is none of Stripe's ids.
    """
    id = text.strip()
    if not id.replace("_", "").isalnum():
        raise InputError(
            f"'{text}' is no id of Stripe's.",
            hint="Ids look like cus_QXg1o8vcGmoR32.",
            code="not_an_id",
        )
    return id


def _values(fields: CustomerFields) -> dict[str, Any]:
    values: dict[str, Any] = {**fields}
    address = {part: values.pop(part, None) for part in ADDRESS}
    email = values.pop("email", None)
    return {
        **values,
        "email": email and email.strip(),
        "address": {part: value for part, value in address.items() if value is not None} or None,
        "metadata": values.get("metadata") or None,
    }
