"""One record of each kind as Salesforce gives it."""

from typing import Any

PERSON = {"Name": "Ada Byron", "Email": "ada@harborlaw.example"}
STAMPS = {
    "CreatedDate": "2026-01-12T09:30:05.000Z",
    "SystemModstamp": "2026-01-31T20:30:07.000Z",
}

RECORD = {"Id": "003Pr0000000001AAA", **STAMPS, "Name": "Grace Hopper"}
DELETED = {**RECORD, "IsDeleted": True}
FOUND_BY_QUERY: dict[str, Any] = {"Id": "001Pr0000000001AAA", "Name": "Navy Yard LLC"} | {
    "key": "001Pr0000000001AAA"
}

ACCOUNT = {
    "Id": "001Pr0000000001AAA",
    **STAMPS,
    "Name": "Navy Yard LLC",
    "Type": "Client",
    "Industry": "Government",
    "Phone": "+12025550101",
    "Website": "https://navyyard.example",
    "BillingStreet": "1 Quay",
    "BillingCity": "Boston",
    "BillingState": "MA",
    "BillingPostalCode": "02110",
    "BillingCountry": "United States",
    "Owner": PERSON,
}
CONTACT = {
    "Id": "003Pr0000000001AAA",
    **STAMPS,
    "Name": "Grace Hopper",
    "FirstName": "Grace",
    "LastName": "Hopper",
    "Email": "grace@navyyard.example",
    "Phone": "+12025550102",
    "MobilePhone": "+12025550103",
    "Title": "Admiral",
    "AccountId": "001Pr0000000001AAA",
    "Account": {"Name": "Navy Yard LLC"},
    "MailingStreet": "1 Quay",
    "MailingCity": "Boston",
    "MailingState": "MA",
    "MailingPostalCode": "02110",
    "MailingCountry": "United States",
    "HasOptedOutOfEmail": False,
    "Owner": PERSON,
}
LEAD = {
    "Id": "00QPr0000000001AAA",
    **STAMPS,
    "Name": "Mary Somerville",
    "FirstName": "Mary",
    "LastName": "Somerville",
    "Email": "mary@tides.example",
    "Phone": "+12025550104",
    "Company": "Tides & Sons",
    "Title": "Partner",
    "Status": "Open - Not Contacted",
    "LeadSource": "Web",
    "IsConverted": False,
    "Owner": {"Name": "Ada Byron"},
}
OPPORTUNITY = {
    "Id": "006Pr0000000001AAA",
    **STAMPS,
    "Name": "Navy Yard retainer",
    "StageName": "Closed Won",
    "Amount": 12000.0,
    "CloseDate": "2026-01-31",
    "Probability": 100.0,
    "IsClosed": True,
    "IsWon": True,
    "AccountId": "001Pr0000000001AAA",
    "Account": {"Name": "Navy Yard LLC"},
    "LastStageChangeDate": "2026-01-31T20:30:05.000Z",
    "Owner": PERSON,
}
WON = {**OPPORTUNITY, "WonAt": "2026-01-31T20:30:05.000Z"}

SAVED = {"id": "003Pr0000000001AAA", "success": True, "created": True}
UPDATED = {"id": "003Pr0000000001AAA", "success": True}
REMOVED = {"id": "003Pr0000000001AAA", "deleted": True}
