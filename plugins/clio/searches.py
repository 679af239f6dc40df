"""Looking records of Clio up: matters, contacts, users and stages.

Clio's ``query`` finds what contains the words; here only what has exactly this value counts, and
where two have it, the record is refused instead of one of them being taken by chance.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from engine.sdk import Context, Field, InputError
from plugins.clio.asking import Json, Wanted, one, rows
from plugins.clio.custom_fields import definitions, matter_fields
from plugins.clio.fields import Contact, Email, Matter, Stage, User
from plugins.clio.lookups import AREA, area_id, areas, stages
from plugins.clio.records import CONTACT, MATTER, USER, to_user
from plugins.clio.triggers import as_contact, as_matter

#: Of a contact that is looked for by e-mail: all of its addresses, not only the first.
BY_EMAIL = Wanted("contact", {**CONTACT.fields, "email_addresses.address": ""})


def find_matter(
    ctx: Context,
    number: Annotated[str, Field("Number", "The display number, as in 00042-Okafor.")],
) -> Matter | None:
    """Find a matter by its display number."""
    params = {"query": number.strip(), "order": "id(asc)"}
    found = _the_only(
        rows(ctx, "matters.json", MATTER, params),
        lambda row: _same(row.get("display_number"), number),
        f"matters with the number '{number}'",
    )
    return None if found is None else as_matter(ctx, found)


def find_matter_by_id(
    ctx: Context, id: Annotated[str, Field("Id", "Clio's id, as in the matter's address.")]
) -> Matter | None:
    """Find a matter by its id, e.g. one that another system keeps."""
    found = one(ctx, f"matters/{id.strip()}.json", MATTER) if id.strip().isdigit() else None
    return None if found is None else as_matter(ctx, found)


def find_matter_by_custom_field(
    ctx: Context,
    custom_field: Annotated[
        str, Field("Custom field", "Its name.", options=matter_fields, only=True)
    ],
    value: Annotated[str, Field("Value", "What it must be, exactly.")],
) -> Matter | None:
    """Find the matter whose custom field has a value, e.g. a court's case number."""
    definition = definitions(ctx).named("Matter", custom_field)
    written = str(definition.written(value))
    params = {f"custom_field_values[{definition.id}]": written, "order": "id(asc)"}
    found = _the_only(
        rows(ctx, "matters.json", MATTER, params),
        lambda _: True,
        f"matters whose '{custom_field}' is '{value}'",
    )
    return None if found is None else as_matter(ctx, found)


def find_contact(ctx: Context, email: Annotated[Email, Field("E-mail")]) -> Contact | None:
    """Find a person or company by any of its e-mail addresses, whatever the capitals."""
    params = {"query": email.strip(), "order": "id(asc)"}
    found = _the_only(
        rows(ctx, "contacts.json", BY_EMAIL, params),
        lambda row: any(_same(a.get("address"), email) for a in row.get("email_addresses") or ()),
        f"contacts with the e-mail address '{email}'",
    )
    return None if found is None else as_contact(ctx, found)


def find_contact_by_name(
    ctx: Context, name: Annotated[str, Field("Name", "First and last, or the company's.")]
) -> Contact | None:
    """Find a person or company by the whole name."""
    params = {"query": name.strip(), "order": "id(asc)"}
    found = _the_only(
        rows(ctx, "contacts.json", CONTACT, params),
        lambda row: _same(row.get("name"), name),
        f"contacts called '{name}'",
    )
    return None if found is None else as_contact(ctx, found)


def find_user(ctx: Context, email: Annotated[Email, Field("E-mail")]) -> User | None:
    """Find a user of the firm's Clio account by e-mail address; capitals count as small letters."""
    for row in rows(ctx, "users.json", USER, {"order": "id(asc)"}):
        if _same(row.get("email"), email):
            return to_user(row)
    return None


def find_stage(
    ctx: Context, name: Annotated[str, Field("Name")], practice_area: Annotated[str, AREA]
) -> Stage | None:
    """Find a stage of a practice area by name."""
    area = area_id(ctx, practice_area)
    names = {row["id"]: row.get("name") for row in areas(ctx)}
    for row in stages(ctx):
        if str(row.get("practice_area_id")) == str(area) and _same(row.get("name"), name):
            return {"id": row["id"], "name": row["name"], "practice_area": names[area]}
    return None


def _the_only(found: Iterable[Json], fits: Callable[[Json], bool], what: str) -> Json | None:
    """Return the one record that fits.

    :raises InputError: there are two.
    """
    fitting = [row for row in found if fits(row)]
    if len(fitting) > 1:
        raise InputError(
            f"Clio has {len(fitting)} {what}.",
            hint="Make clear in Clio which one is meant, or look for it by something else.",
            code="ambiguous",
        )
    return fitting[0] if fitting else None


def _same(value: Any, wanted: str) -> bool:
    return str(value or "").strip().casefold() == wanted.strip().casefold()
