"""Case Status: a client portal for law firms; matters from elsewhere become its cases."""

from engine.sdk import ApiKey, Connector, PageNumber, hookimpl
from plugins.casestatus import actions, connection, refusals, samples, triggers

connector = Connector(
    name="casestatus",
    title="Case Status",
    auth=ApiKey(header="Authorization", prefix="ApiKey ", setting="api_key"),
    base_url="https://app.casestatus.com",
    settings=connection.Settings,
    pagination=PageNumber(param="page[number]", size_param="size", size=100),
    experimental=(
        "Case Status's documentation of writes could not be read. They follow an assumed contract "
        "and were tried against the practice server only."
    ),
)
connector.explain(refusals.explain)
connector.check(connection.account)

connector.trigger(
    "Message received or sent",
    key="id",
    cursor="created_at",
    label="content",
    noun="message",
    sample=samples.MESSAGE,
)(triggers.message_received)
connector.trigger(
    "File added or changed",
    key="id",
    cursor="updated_at",
    label="file_name",
    noun="file",
    sample=samples.FILE,
)(triggers.file_added)
connector.trigger(
    "Case added or changed",
    key="id",
    cursor="updated_at",
    label="name",
    noun="case",
    sample=samples.REPORTED_CASE,
)(triggers.case_changed)

connector.search("Find a staff member", noun="staff member", sample=samples.STAFF)(
    actions.find_staff
)
connector.search("Find a case", noun="case", sample=samples.REPORTED_CASE)(actions.find_case)
connector.action(
    "Create or update a client", noun="client", idempotent=True, sample=samples.CLIENT
)(actions.upsert_client)
connector.action("Create or update a case", noun="case", idempotent=True, sample=samples.CASE)(
    actions.upsert_case
)
connector.action("Move a case to another stage", noun="case", idempotent=True, sample=samples.CASE)(
    actions.update_stage
)
connector.action("Join a case to a record", noun="case", idempotent=True, sample=samples.CASE)(
    actions.join_case
)
connector.action(
    "Send a message to the client",
    noun="message",
    find=actions.find_message,
    sample=samples.MESSAGE,
)(actions.send_message)

connector.practice(f"{__name__}.practice:PracticeCaseStatus")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
