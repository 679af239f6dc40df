"""Slack: messages out and in, reactions, people and channels."""

from engine.sdk import Connector, NextToken, hookimpl
from plugins.slack import (
    actions,
    channels,
    connection,
    incoming,
    messages,
    people,
    refusals,
    triggers,
    uploads,
    webhooks,
)

connector = Connector(
    name="slack",
    title="Slack",
    log_ins=connection.LOG_INS,
    base_url="https://slack.com/api",
    settings=connection.Settings,
    # Pages may be short or empty though more follow (documented).
    pagination=NextToken(
        path="response_metadata.next_cursor", param="cursor", size_param="limit", size=200
    ),
    concurrency=4,
)
connector.refused(refusals.refused)
connector.explain(connection.explain)
connector.expired(connection.expired)
connector.check(connection.account)

# -- triggers --------------------------------------------------------------------------------------

connector.trigger(
    "Message posted",
    key="id",
    cursor="posted_at",
    label="text",
    noun="message",
    fetch=triggers.fetch_message,
    sample=messages.SAMPLE,
)(triggers.message_posted)
connector.trigger(
    "App mentioned",
    key="id",
    label="text",
    noun="message",
    fetch=triggers.fetch_message,
    sample=messages.SAMPLE,
)(triggers.app_mentioned)
connector.trigger(
    "Reaction added",
    key="id",
    label="emoji",
    noun="reaction",
    fetch=triggers.fetch_reaction,
    sample=triggers.REACTION,
)(triggers.reaction_added)
connector.trigger(
    "Person joined a channel",
    key="id",
    label="user",
    noun=("person", "people"),
    sample=triggers.JOINED,
)(triggers.member_joined_channel)
connector.trigger(
    "Person added or changed",
    key="id",
    cursor="updated_at",
    label="name",
    noun=("person", "people"),
    fetch=triggers.fetch_user,
    sample=people.SAMPLE,
)(triggers.user_changed)
connector.trigger(
    "Channel created",
    key="id",
    cursor="created_at",
    label="name",
    noun="channel",
    fetch=triggers.fetch_channel,
    sample=channels.SAMPLE,
)(triggers.channel_created)
webhooks.declare(connector)

# -- actions ---------------------------------------------------------------------------------------

connector.action(
    "Post a message", noun="message", find=actions.find_message, sample=messages.POSTED
)(actions.post_message)
connector.action(
    "Post or update a message",
    noun="message",
    find=actions.find_message,
    sample=messages.POSTED,
)(actions.upsert_message)
connector.action(
    "Write to a person", noun="message", find=actions.find_direct_message, sample=messages.POSTED
)(actions.send_direct_message)
connector.action("Update a message", noun="message", idempotent=True, sample=messages.POSTED)(
    actions.update_message
)
connector.action("Add a reaction", noun="reaction", idempotent=True, sample=actions.REACTION)(
    actions.add_reaction
)
connector.action(
    "Create a channel", noun="channel", find=actions.find_made, sample=channels.SAMPLE
)(actions.create_channel)
connector.action(
    "Invite into a channel", noun=("person", "people"), idempotent=True, sample=actions.INVITED
)(actions.invite_to_channel)
connector.action("Upload a file", noun="file", sample=uploads.UPLOADED)(uploads.upload_file)
connector.action("Post to a webhook", noun="message", sample=incoming.POSTED)(
    incoming.post_to_webhook
)

# -- searches --------------------------------------------------------------------------------------

connector.search("Find a person by e-mail", noun=("person", "people"), sample=people.SAMPLE)(
    actions.find_user
)
connector.search("Find a person by id", noun=("person", "people"), sample=people.SAMPLE)(
    actions.get_user
)
connector.search("Find a channel", noun="channel", sample=channels.SAMPLE)(actions.find_channel)

connector.practice(f"{__name__}.practice:PracticeSlack")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
