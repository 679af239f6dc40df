"""Mailchimp: audience members in, audience members out."""

from typing import Any

from engine.sdk import Basic, Connector, Examples, Offset, PracticeServer, hookimpl
from plugins.mailchimp import actions, connection, samples, triggers, webhooks
from plugins.mailchimp.refusals import explain

connector = Connector(
    name="mailchimp",
    title="Mailchimp",
    # Any user name will do (documented); the key is the password.
    auth=Basic(username="bridgework", setting="api_key"),
    base_url="https://{dc}.api.mailchimp.com/3.0",
    settings=connection.Settings,
    pagination=Offset(param="offset", size_param="count", size=500, total="total_items"),
    concurrency=10,  # per user over all apps (its documentation, quoted by others)
)
connector.explain(explain)
connector.url_values(connection.data_centre)
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
connector.batch_action(
    "Add or update members",
    size=actions.BATCH_SIZE,
    noun="member",
    idempotent=True,
    sample=samples.MEMBER,
)(actions.upsert_members)
connector.action("Add tags to a member", noun="member", idempotent=True, sample=samples.TAGGED)(
    actions.add_tags
)
webhooks.declare(connector)


@connector.practice
def practice(seed: int, **options: Any) -> PracticeServer:
    """Build a practice server."""
    from plugins.mailchimp.practice import PracticeMailchimp  # here, because no run needs it

    return PracticeMailchimp(seed, **options)


@connector.examples
def examples() -> Examples:
    from plugins.mailchimp.practice.examples import EXAMPLES

    return EXAMPLES


@hookimpl
def register_connectors() -> list[Connector]:
    """Offer the connector to Bridgework."""
    return [connector]
