"""What the operations are tried with on the practice server."""

from engine.sdk import Examples

CONTACT = {"object": "Contact"}
BY_CLIO_ID = {"external_id_field": "Clio_Id__c"}
FIRST, GONE = "003Pr0000000001AAA", "003Pr0000000099AAA"

UPSERTED = [
    {"external_id": "7", "fields": {"LastName": "Lovelace", "Email": "ada@clients.example"}},
    {"external_id": "8", "fields": {"FirstName": "Nobody", "Email": "no address"}},
    {"external_id": "9", "fields": {"LastName": "Byron", "Account": {"Clio_Id__c": "acc-1"}}},
]

EXAMPLES = Examples(
    parameters={
        "record_changed": CONTACT,
        "record_created": CONTACT,
        "record_deleted": CONTACT,
        "soql_query": {
            "query_text": "SELECT Id, Name, Owner.Email FROM Contact WHERE AccountId != null"
        },
        "upsert_records": {**CONTACT, **BY_CLIO_ID},
        "bulk_upsert": {**CONTACT, **BY_CLIO_ID},
        "create_records": CONTACT,
        "update_records": CONTACT,
        "upsert_record": {**CONTACT, **BY_CLIO_ID},
        "find_record": CONTACT,
        "get_record": CONTACT,
    },
    rows={
        "upsert_records": UPSERTED,
        "bulk_upsert": UPSERTED,
        "create_records": [
            {"fields": {"LastName": "Lovelace", "Birthdate": "1815-12-10"}},
            {"fields": {"FirstName": "Ada"}},
        ],
        "update_records": [
            {"id": FIRST, "fields": {"Title": "Rear Admiral"}},
            {"id": GONE, "fields": {"Title": "Nobody"}},
        ],
        "upsert_record": [
            {"external_id": "7/8", "fields": {"LastName": "Lovelace"}},
            {"external_id": "8", "fields": {"Title": "No name"}},
        ],
        "delete_record": [
            {**CONTACT, "id": FIRST},
            {"object": "Account", "id": "001Pr0000000002AAA"},
        ],
        "find_record": [
            {"field": "Email", "value": "contact1@clients.example"},
            {"field": "Email", "value": "nobody@clients.example"},
        ],
        "get_record": [{"id": FIRST}, {"id": GONE}],
    },
    exempt={
        "nonsense_is_noticed[delete_record]": "Salesforce answers without a body; none is read."
    },
)
