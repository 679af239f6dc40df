"""Clio Manage: a law firm's matters, contacts, notes, communications and users."""

from engine.sdk import Connector, LimitHeaders, NextLink, Rate, hookimpl
from plugins.clio import (
    connection,
    contacts,
    custom_fields,
    matters,
    notes,
    refusals,
    samples,
    searches,
    triggers,
    webhooks,
)

connector = Connector(
    name="clio",
    title="Clio",
    auth=connection.AUTH,
    base_url="https://{host}/api/v4",
    settings=connection.Settings,
    pagination=NextLink(path="meta.paging.next", size_param="limit", size=200),
    # At peak hours; at others Clio allows more and says how many. Per access token (documented).
    limits=(Rate(50, per=60),),
    limit_headers=LimitHeaders(limit="X-RateLimit-Limit"),
    headers={"X-API-VERSION": connection.VERSION},
)
connector.url_values(connection.url_values)
connector.check(connection.account)
connector.explain(refusals.explain)

connector.trigger(
    "Matter added or changed",
    key="id",
    cursor="updated_at",
    label="display_number",
    noun="matter",
    sample=samples.MATTER,
    schema=custom_fields.matter_schema,
    complete=custom_fields.ALL,
    fetch=triggers.fetch_matter,
)(triggers.matter_changed)

connector.trigger(
    "Contact added or changed",
    key="id",
    cursor="updated_at",
    label="name",
    noun="contact",
    sample=samples.CONTACT,
    schema=custom_fields.contact_schema,
    complete=custom_fields.ALL,
    fetch=triggers.fetch_contact,
)(triggers.contact_changed)

connector.trigger(
    "User added or changed",
    key="id",
    cursor="updated_at",
    label="name",
    noun="user",
    sample=samples.USER,
    fetch=triggers.fetch_user,
)(triggers.user_changed)

connector.trigger(
    "Note added or changed",
    key="id",
    cursor="updated_at",
    label="subject",
    noun="note",
    sample=samples.NOTE,
    fetch=notes.fetch_note,
)(notes.note_changed)

connector.trigger(
    "Relationship added or changed",
    key="id",
    cursor="updated_at",
    label="description",
    noun="relationship",
    sample=samples.RELATIONSHIP,
    fetch=notes.fetch_relationship,
)(notes.relationship_changed)

webhooks.declare(connector)

for title, search in (
    ("Find a matter by its number", searches.find_matter),
    ("Find a matter by its id", searches.find_matter_by_id),
    ("Find a matter by a custom field", searches.find_matter_by_custom_field),
):
    connector.search(
        title,
        noun="matter",
        sample=samples.MATTER,
        schema=custom_fields.matter_schema,
        complete=custom_fields.ALL,
    )(search)
for title, find in (
    ("Find a contact by e-mail", searches.find_contact),
    ("Find a contact by name", searches.find_contact_by_name),
):
    connector.search(
        title,
        noun="contact",
        sample=samples.CONTACT,
        schema=custom_fields.contact_schema,
        complete=custom_fields.ALL,
    )(find)
connector.search("Find a user by e-mail", noun="user", sample=samples.USER)(searches.find_user)
connector.search("Find a stage", noun="stage", sample=samples.STAGE)(searches.find_stage)

connector.action(
    "Create a matter",
    noun="matter",
    find=matters.find_created,
    updates=True,
    sample=samples.WRITTEN_MATTER,
)(matters.create_matter)
connector.action("Update a matter", noun="matter", idempotent=True, sample=samples.WRITTEN_MATTER)(
    matters.update_matter
)
connector.action(
    "Create a contact",
    noun="contact",
    find=contacts.find_created,
    updates=True,
    sample=samples.WRITTEN_CONTACT,
)(contacts.create_contact)
connector.action(
    "Update a contact", noun="contact", idempotent=True, sample=samples.WRITTEN_CONTACT
)(contacts.update_contact)
connector.action(
    "Write a note", noun="note", find=notes.find_note, updates=True, sample=samples.NOTE
)(notes.create_note)
connector.action("Update a note", noun="note", idempotent=True, sample=samples.NOTE)(
    notes.update_note
)
connector.action(
    "Write down a call or an e-mail",
    noun="communication",
    find=notes.find_communication,
    sample=samples.COMMUNICATION,
)(notes.create_communication)
connector.action(
    "Relate a contact to a matter",
    noun="relationship",
    find=notes.find_relationship,
    sample=samples.RELATIONSHIP,
)(notes.create_relationship)

connector.practice(f"{__name__}.practice:PracticeClio")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
