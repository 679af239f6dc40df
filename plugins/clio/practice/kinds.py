"""The shape of the practice server's records.

Fields and associations are a subset of Clio's published OpenAPI v4: what the connector reads and
writes, and a little around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_STAMPS = ("id", "etag", "created_at", "updated_at")


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
        many={"relationships": "relationships", "custom_field_values": "custom_field_values"},
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
            "date_of_birth",
            "primary_email_address",
            "primary_phone_number",
        ),
        one={"company": "contacts"},
        many={
            "phone_numbers": "phone_numbers",
            "email_addresses": "email_addresses",
            "addresses": "addresses",
            "custom_field_values": "custom_field_values",
        },
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
    "notes": Model(
        "Note",
        (*_STAMPS, "type", "subject", "detail", "detail_text_type", "date"),
        one={"matter": "matters", "contact": "contacts", "author": "users"},
    ),
    "communications": Model(
        "Communication",
        (*_STAMPS, "subject", "body", "type", "date", "received_at"),
        one={"user": "users", "matter": "matters"},
        many={
            "senders": "participants",
            "receivers": "participants",
            "external_properties": "external_properties",
        },
    ),
    "custom_fields": Model(
        "CustomField",
        (
            *_STAMPS,
            "name",
            "parent_type",
            "field_type",
            "displayed",
            "deleted",
            "required",
            "display_order",
        ),
        many={"picklist_options": "picklist_options"},
    ),
    "custom_field_values": Model(
        "CustomFieldValue",
        (
            *_STAMPS,
            "field_name",
            "field_type",
            "field_required",
            "field_displayed",
            "field_display_order",
            "value",
            "soft_deleted",
        ),
        one={
            "custom_field": "custom_fields",
            "picklist_option": "picklist_options",
            "matter": "matters",
            "contact": "contacts",
        },
    ),
    "picklist_options": Model("PicklistOption", (*_STAMPS, "option", "deleted_at")),
    "matter_stages": Model("MatterStage", (*_STAMPS, "practice_area_id", "name", "order")),
    "practice_areas": Model("PracticeArea", (*_STAMPS, "name", "category", "code")),
    "phone_numbers": Model("PhoneNumber", (*_STAMPS, "name", "number", "primary")),
    "email_addresses": Model("EmailAddress", (*_STAMPS, "name", "address", "primary")),
    "addresses": Model(
        "Address",
        (*_STAMPS, "name", "street", "city", "province", "postal_code", "country", "primary"),
    ),
    "participants": Model("Participant", (*_STAMPS, "type", "name", "identifier")),
    "external_properties": Model("ExternalProperty", (*_STAMPS, "name", "value")),
    "webhooks": Model(
        "Webhook",
        (*_STAMPS, "url", "fields", "shared_secret", "model", "status", "events", "expires_at"),
        one={"user": "users"},
    ),
    "accounts": Model("Account", (*_STAMPS, "name", "state")),
}
