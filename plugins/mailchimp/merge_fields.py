"""An audience's merge fields: columns of its own, known only once connected."""

from collections.abc import Mapping
from typing import Any

from engine.sdk import Context, Schema
from plugins.mailchimp.audiences import Audience, audience_id

#: What a recipe calls the merge fields that every audience starts with.
NAMED_TAGS = {"FNAME": "first_name", "LNAME": "last_name", "PHONE": "phone"}

#: An address that lacks one of these is taken without a word and not kept (seen by others).
ADDRESS_PARTS = ("addr1", "city", "state", "zip")

#: Types of values by Mailchimp's types of fields; whatever else there is holds text.
TYPES: Mapping[str, Schema] = {
    "number": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "url": {"type": "string", "format": "uri"},
    "imageurl": {"type": "string", "format": "uri"},
    "birthday": {"type": "string", "pattern": r"^(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])$"},
    "address": {
        "type": "object",
        "properties": {
            name: {"type": "string", "title": title}
            for name, title in (
                ("addr1", "Street"),
                ("addr2", "Street, second line"),
                ("city", "City"),
                ("state", "State"),
                ("zip", "ZIP code"),
                ("country", "Country, two letters"),
            )
        },
        "required": list(ADDRESS_PARTS),
        "additionalProperties": False,
    },
}


def merge_fields(ctx: Context, audience: Audience, skip_required_fields: bool = False) -> Schema:
    """Read which merge fields an audience has, by tag.

    Names, phone and e-mail have fields of their own in a recipe, and are required there.
    """
    path = f"/lists/{audience_id(ctx, audience)}/merge-fields"
    found = list(ctx.http.paginate(path, items="merge_fields"))
    return {
        "type": "object",
        "properties": {str(one["tag"]): _schema(one) for one in found},
        "required": [
            str(one["tag"])
            for one in found
            if one.get("required") and one["tag"] not in NAMED_TAGS and not skip_required_fields
        ],
        "additionalProperties": False,
    }


def _schema(field: Mapping[str, Any]) -> Schema:
    about: Schema = {"title": str(field.get("name") or field["tag"])}
    if field.get("help_text"):
        about["description"] = str(field["help_text"])
    options = field.get("options") or {}
    if field.get("type") in ("dropdown", "radio") and options.get("choices"):
        return {**about, "type": "string", "enum": [str(one) for one in options["choices"]]}
    return {**about, **TYPES.get(str(field.get("type")), {"type": "string"})}
