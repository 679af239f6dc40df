"""Salesforce: records of any object out and in, singly, in batches and in bulk."""

from engine.sdk import Connector, hookimpl
from plugins.salesforce import (
    actions,
    bulk,
    connection,
    fields,
    ready,
    refusals,
    rows,
    samples,
    searches,
    triggers,
)
from plugins.salesforce.api import BASE_PATH

connector = Connector(
    name="salesforce",
    title="Salesforce",
    log_ins=connection.LOG_INS,
    base_url=f"https://{{instance}}{BASE_PATH}",
    settings=connection.Settings,
    # 25 that take long (5 in developer organizations) over all of an organization's apps
    # (documented); others want some, too.
    concurrency=5,
)
connector.url_values(connection.url_values)
connector.check(connection.account)
connector.explain(refusals.explain)

# -- triggers --------------------------------------------------------------------------------------

for title, function, cursor in (
    ("Record added or changed", triggers.record_changed, "SystemModstamp"),
    ("Record created", triggers.record_created, "CreatedDate"),
):
    connector.trigger(
        title,
        key="Id",
        cursor=cursor,
        label="Name",
        sorted=True,
        fetch=triggers.fetch,
        schema=triggers.fields_read,
        complete=fields.ALL,
        sample=samples.RECORD,
    )(function)
connector.trigger(
    "Record deleted",
    key="Id",
    cursor="SystemModstamp",
    label="Name",
    sorted=True,
    sample=samples.DELETED,
)(triggers.record_deleted)
connector.trigger(
    "Record found by a query of your own",
    key="key",
    label="Name",
    schema=triggers.query_fields,
    complete=fields.ALL,
    sample=samples.FOUND_BY_QUERY,
)(triggers.soql_query)

for title, ready_made, cursor, object, sample in (
    (
        "Contact added or changed",
        ready.contact_changed,
        "SystemModstamp",
        "Contact",
        samples.CONTACT,
    ),
    (
        "Account added or changed",
        ready.account_changed,
        "SystemModstamp",
        "Account",
        samples.ACCOUNT,
    ),
    ("Lead created", ready.lead_created, "CreatedDate", "Lead", samples.LEAD),
    ("Lead added or changed", ready.lead_changed, "SystemModstamp", "Lead", samples.LEAD),
    (
        "Opportunity added or changed",
        ready.opportunity_changed,
        "SystemModstamp",
        "Opportunity",
        samples.OPPORTUNITY,
    ),
):
    many = "opportunities" if object == "Opportunity" else f"{object.lower()}s"
    connector.trigger(
        title,
        key="Id",
        cursor=cursor,
        label="Name",
        noun=(object.lower(), many),
        sorted=True,
        fetch=ready.fetcher(object),
        schema=ready.fields_of_object(object),
        complete=fields.ALL,
        sample=sample,
    )(ready_made)
connector.trigger(
    "Opportunity won",
    key="Id",
    cursor="WonAt",
    label="Name",
    noun=("opportunity", "opportunities"),
    fetch=ready.fetch_won,
    schema=ready.fields_of_won,
    complete=fields.ALL,
    sample=samples.WON,
)(ready.opportunity_won)

# -- actions ---------------------------------------------------------------------------------------

connector.batch_action(
    "Create or update records", size=rows.BATCH_SIZE, idempotent=True, sample=samples.SAVED
)(actions.upsert_records)
connector.batch_action("Create records", size=rows.BATCH_SIZE, sample=samples.UPDATED)(
    actions.create_records
)
connector.batch_action(
    "Update records", size=rows.BATCH_SIZE, idempotent=True, sample=samples.UPDATED
)(actions.update_records)
connector.batch_action(
    "Create or update thousands of records",
    size=bulk.BULK_SIZE,
    idempotent=True,
    sample=samples.SAVED,
)(bulk.bulk_upsert)
connector.action("Create or update one record", idempotent=True, sample=samples.SAVED)(
    actions.upsert_record
)
connector.action("Delete a record", idempotent=True, sample=samples.REMOVED)(actions.delete_record)

# -- searches --------------------------------------------------------------------------------------

connector.search(
    "Find a record", sample=samples.RECORD, schema=searches.fields_found, complete=fields.ALL
)(searches.find_record)
connector.search(
    "Find a record by id", sample=samples.RECORD, schema=searches.fields_found, complete=fields.ALL
)(searches.get_record)

connector.practice(f"{__name__}.practice:PracticeSalesforce")
connector.examples(f"{__name__}.practice.examples:EXAMPLES")


@hookimpl
def register_connectors() -> list[Connector]:
    return [connector]
