"""Mailchimp: audience members in, audience members out."""

from engine.sdk import Connector, Offset, hookimpl
from plugins.mailchimp import actions, connection, members, refusals, samples, triggers, webhooks

connector = Connector(
    name="mailchimp",
    title="Mailchimp",
    log_ins=connection.LOG_INS,
    base_url="https://{dc}.api.mailchimp.com/3.0",
    pagination=Offset(param="offset", size_param="count", size=500, total="total_items"),
    concurrency=10,  # per user over all apps (its documentation, quoted by others)
)
connector.explain(refusals.explain)
connector.url_values(connection.data_centre)
connector.after_connect(connection.metadata)
connector.check(connection.account)

connector.trigger(
    "Member added or changed",
    key="id",
    cursor="last_changed",
    label="email_address",
    noun="member",
    sorted=True,
    fetch=triggers.fetch_member,
    sample=samples.MEMBER,
)(triggers.member_changed)
connector.trigger(
    "Member unsubscribed",
    key="id",
    cursor="last_changed",
    label="email_address",
    noun="member",
    sorted=True,
    fetch=triggers.fetch_member,
    sample=samples.UNSUBSCRIBED,
)(triggers.member_unsubscribed)
connector.batch_action(
    "Add or update members",
    size=actions.BATCH_SIZE,
    noun="member",
    idempotent=True,
    sample=samples.MEMBER,
)(actions.upsert_members)
connector.action("Add a new member", noun="member", find=members.find_added, sample=samples.MEMBER)(
    members.add_member
)
connector.search(
    "Find a member", noun="member", sample=samples.MEMBER, schema=members.found_fields
)(members.find_member)
for title, function, sample in (
    ("Add tags to a member", members.add_tags, samples.TAGGED),
    ("Take tags off a member", members.remove_tags, samples.TAGGED),
    ("Archive a member", members.archive_member, samples.ARCHIVED),
    ("Erase a member for good", members.erase_member, samples.ERASED),
):
    connector.action(title, noun="member", idempotent=True, sample=sample)(function)
connector.action("Send a member on a journey", noun="member", sample=samples.ON_JOURNEY)(
    members.start_journey
)
webhooks.declare(connector)

connector.practice(f"{__name__}.practice:PracticeMailchimp")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
