"""The shape of the practice server's records, and Clio's rules for asking for fields of them.

Fields and associations are a subset of Clio's published OpenAPI v4: what the connector reads, and
a little around it. The rules of ``fields`` are documented at docs.developers.clio.com/api-docs/fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What Clio answers when a request names no fields.
DEFAULT_FIELDS = ("id", "etag")

#: Chosen fields; an association's own chosen fields stand behind it.
Selection = Mapping[str, tuple[str, ...]]

_STAMPS = ("id", "etag", "created_at", "updated_at")


class ApiError(Exception):
    """An error answer of the API: ``{"error": {"type": …, "message": …}}``."""

    def __init__(
        self, status: int, type: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.type = type
        self.message = message
        self.headers = dict(headers or {})
        super().__init__(message)


@dataclass(frozen=True)
class Model:
    """One kind of record.

    :param title: Clio's name of it, in messages.
    :param plain: fields that hold a value.
    :param one: associations with one record, and its kind.
    :param many: associations with several records, and their kind.
    """

    title: str
    plain: tuple[str, ...]
    one: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, str] = field(default_factory=dict)

    def kind_of(self, name: str) -> str | None:
        """Return the kind of the association ``name``; None when it is none."""
        return self.one.get(name) or self.many.get(name)


MODELS: Mapping[str, Model] = {
    "matters": Model(
        "Matter",
        (
            *_STAMPS,
            "number",
            "display_number",
            "custom_number",
            "description",
            "status",
            "location",
            "client_reference",
            "client_id",
            "billable",
            "billing_method",
            "open_date",
            "pending_date",
            "close_date",
            "matter_stage_updated_at",
        ),
        one={
            "client": "contacts",
            "matter_stage": "matter_stages",
            "practice_area": "practice_areas",
            "responsible_attorney": "users",
            "originating_attorney": "users",
        },
        many={"relationships": "relationships"},
    ),
    "contacts": Model(
        "Contact",
        (
            *_STAMPS,
            "name",
            "first_name",
            "last_name",
            "title",
            "type",
            "is_client",
            "primary_email_address",
            "primary_phone_number",
        ),
        one={"company": "contacts"},
        many={"phone_numbers": "phone_numbers", "email_addresses": "email_addresses"},
    ),
    "users": Model(
        "User",
        (
            *_STAMPS,
            "name",
            "first_name",
            "last_name",
            "initials",
            "email",
            "enabled",
            "account_owner",
            "roles",
            "subscription_type",
            "time_zone",
        ),
        one={"account": "accounts"},
    ),
    "relationships": Model(
        "Relationship",
        (*_STAMPS, "description"),
        one={"matter": "matters", "contact": "contacts"},
    ),
    "matter_stages": Model("MatterStage", (*_STAMPS, "practice_area_id", "name", "order")),
    "practice_areas": Model("PracticeArea", (*_STAMPS, "name", "category", "code")),
    "phone_numbers": Model("PhoneNumber", (*_STAMPS, "name", "number", "primary")),
    "email_addresses": Model("EmailAddress", (*_STAMPS, "name", "address", "primary")),
    "webhooks": Model(
        "Webhook",
        (*_STAMPS, "url", "fields", "shared_secret", "model", "status", "events", "expires_at"),
        one={"user": "users"},
    ),
    "accounts": Model("Account", (*_STAMPS, "name", "state")),
}


def parse_fields(text: str | None, kind: str) -> Selection:
    """Read ``fields=id,client{id,name}``.

    :raises ApiError: 400 for an unknown field, unbalanced braces, or braces within braces.
    """
    model = MODELS[kind]
    if not text:
        return dict.fromkeys(DEFAULT_FIELDS, ())
    selection: dict[str, tuple[str, ...]] = {}
    for part in _split(text):
        name, brace, inside = part.partition("{")
        nested = model.kind_of(name)
        if nested is None:
            if brace or name not in model.plain:
                raise _unknown(name, model)
            selection[name] = ()
        elif brace:
            selection[name] = _nested_names(inside[:-1], nested)
        else:
            selection[name] = DEFAULT_FIELDS
    return selection


def _nested_names(text: str, kind: str) -> tuple[str, ...]:
    """Read what stands in braces: names alone; an association among them gives its defaults."""
    model = MODELS[kind]
    names = _split(text)
    for name in names:
        if "{" in name:
            raise ApiError(
                400,
                "InvalidFields",
                f"Fields of '{name.partition('{')[0]}' can't be chosen: only one level may be nested.",
            )
        if name not in model.plain and model.kind_of(name) is None:
            raise _unknown(name, model)
    return tuple(names)


def _split(text: str) -> list[str]:
    """Split at the commas that stand outside braces."""
    parts, depth = [""], 0
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
        if character == "," and depth == 0:
            parts.append("")
        elif character != " ":
            parts[-1] += character
    balanced = depth == 0 and all("{" not in part or part.endswith("}") for part in parts)
    if not balanced or "" in parts:
        raise ApiError(400, "InvalidFields", f"'{text}' is not a list of fields.")
    return parts


def _unknown(name: str, model: Model) -> ApiError:
    return ApiError(400, "InvalidFields", f"'{name}' is not a field of {model.title}.")
