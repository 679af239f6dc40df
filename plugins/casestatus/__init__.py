"""Case Status: a client portal for law firms; matters from elsewhere become its cases."""

from typing import Annotated

from engine.sdk import (
    Account,
    ApiKey,
    Connector,
    Context,
    Field,
    PageNumber,
    TypedDict,
    dig,
    hookimpl,
)
from plugins.casestatus import actions, samples, triggers
from plugins.casestatus import assumed_contract as contract
from plugins.casestatus.refusals import explain


class Settings(TypedDict):
    """What a connection needs."""

    api_key: Annotated[str, Field("API key", "Issued by Case Status for your firm.", secret=True)]


connector = Connector(
    name="casestatus",
    title="Case Status",
    auth=ApiKey(header="Authorization", prefix="ApiKey ", setting="api_key"),
    base_url="https://app.casestatus.com",
    settings=Settings,
    pagination=PageNumber(param="page[number]", size_param="size", size=100),
    experimental=(
        "Case Status's documentation of writes could not be read. They follow an assumed contract "
        "and were tried against the practice server only."
    ),
)
connector.explain(explain)

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


@connector.check
def firm(ctx: Context) -> Account | str:
    """Return the firm, or the app's name where the firm report has none.

    There is a key per firm (documented) and no id of one that is known, so its name stands for it.
    """
    results = dig(ctx.http.get(contract.REPORTED_FIRM).json(), "results")
    # The two fields known of this report are figures; a name in it is hoped for, not known.
    name = results[0].get("Firm Name") if isinstance(results, list) and results else None
    return Account(id=str(name), label=str(name)) if name else connector.title


connector.practice(f"{__name__}.practice:PracticeCaseStatus")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
