"""What the practice organization's objects are like, and how they are described."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

NUMBERS = frozenset({"int", "double", "currency", "percent"})


@dataclass(frozen=True)
class FieldModel:
    """One field of an object.

    :param kind: its type, as Salesforce names it.
    :param made: Salesforce fills it in; nobody writes it.
    :param to: the object it refers to, and :attr:`relation` the name of that relationship.
    :param default: given to new records.
    """

    name: str
    label: str
    kind: str = "string"
    length: int = 0
    required: bool = False
    made: bool = False
    external_id: bool = False
    choices: tuple[str, ...] = ()
    restricted: bool = False
    to: str = ""
    relation: str = ""
    default: Any = None

    def described(self) -> dict[str, Any]:
        choices = [
            {"active": True, "defaultValue": one == self.default, "label": one, "value": one}
            for one in self.choices
        ]
        return {
            "name": self.name,
            "label": self.label,
            "type": self.kind,
            "length": self.length,
            "createable": not self.made,
            "updateable": not self.made,
            "nillable": not self.required and self.kind not in ("boolean", "id"),
            "defaultedOnCreate": self.made or self.default is not None or self.kind == "boolean",
            "externalId": self.external_id,
            "unique": self.external_id,
            "idLookup": self.external_id or self.name == "Id",
            "picklistValues": choices,
            "restrictedPicklist": self.restricted,
            "referenceTo": [self.to] if self.to else [],
            "relationshipName": self.relation or None,
            "custom": self.name.endswith("__c"),
            "inlineHelpText": None,
            "filterable": self.kind not in ("textarea", "address"),
        }


@dataclass(frozen=True)
class ObjectModel:
    """One object.

    :param prefix: how the ids of its records begin.
    :param name: makes a record's Name of its fields where nobody writes that.
    """

    name: str
    label: str
    plural: str
    prefix: str
    own: tuple[FieldModel, ...] = ()
    made_name: bool = False
    fields: Mapping[str, FieldModel] = field(init=False)

    def __post_init__(self) -> None:
        every = (*_FIRST, *self.own, *_STAMPS)
        object.__setattr__(self, "fields", {one.name.lower(): one for one in every})

    def find(self, name: str) -> FieldModel | None:
        return self.fields.get(name.lower())

    def relation(self, name: str) -> FieldModel | None:
        wanted = name.lower()
        return next((f for f in self.fields.values() if f.relation.lower() == wanted), None)

    def outline(self) -> dict[str, Any]:
        """Return what the list of objects says of it."""
        return {
            "name": self.name,
            "label": self.label,
            "labelPlural": self.plural,
            "keyPrefix": self.prefix,
            "custom": self.name.endswith("__c"),
            "queryable": True,
            "createable": self.name not in ("User", "Organization"),
            "updateable": self.name not in ("User", "Organization"),
            "deprecatedAndHidden": False,
        }

    def described(self) -> dict[str, Any]:
        parts = [one.described() for one in self.fields.values()]
        return {**self.outline(), "fields": parts, "childRelationships": [], "recordTypeInfos": []}


_FIRST = (FieldModel("Id", "Record ID", "id", 18, made=True),)
_STAMPS = (
    FieldModel("OwnerId", "Owner ID", "reference", 18, to="User", relation="Owner"),
    FieldModel("IsDeleted", "Deleted", "boolean", made=True),
    FieldModel("CreatedDate", "Created Date", "datetime", made=True),
    FieldModel(
        "CreatedById", "Created By ID", "reference", 18, made=True, to="User", relation="CreatedBy"
    ),
    FieldModel("LastModifiedDate", "Last Modified Date", "datetime", made=True),
    FieldModel("SystemModstamp", "System Modstamp", "datetime", made=True),
)


def text(name: str, label: str, length: int = 255, **more: Any) -> FieldModel:
    return FieldModel(name, label, "string", length, **more)


def _address(kind: str) -> tuple[FieldModel, ...]:
    parts = (("Street", 255), ("City", 40), ("State", 80), ("PostalCode", 20), ("Country", 80))
    return (
        *(text(f"{kind}{part}", f"{kind} {part}", length) for part, length in parts),
        FieldModel(f"{kind}Address", f"{kind} Address", "address", made=True),
    )


CLIO_ID = text("Clio_Id__c", "Clio ID", 40, external_id=True)
NAME = FieldModel("Name", "Full Name", "string", 121, made=True)
PEOPLE = (
    NAME,
    text("FirstName", "First Name", 40),
    text("LastName", "Last Name", 80, required=True),
    FieldModel("Email", "Email", "email", 80),
    FieldModel("Phone", "Phone", "phone", 40),
    FieldModel("MobilePhone", "Mobile", "phone", 40),
    text("Title", "Title", 128),
    FieldModel("HasOptedOutOfEmail", "Email Opt Out", "boolean", default=False),
)
INDUSTRIES = ("Government", "Legal", "Education", "Shipping", "Technology")
STAGES = ("Prospecting", "Proposal", "Negotiation", "Closed Won", "Closed Lost")

OBJECTS = {
    one.name.lower(): one
    for one in (
        ObjectModel(
            *("Account", "Account", "Accounts", "001"),
            own=(
                text("Name", "Account Name", required=True),
                FieldModel(
                    "Type", "Type", "picklist", 40, choices=("Client", "Prospect", "Partner")
                ),
                FieldModel("Industry", "Industry", "picklist", 255, choices=INDUSTRIES),
                FieldModel("Phone", "Phone", "phone", 40),
                FieldModel("Website", "Website", "url", 255),
                FieldModel("AnnualRevenue", "Annual Revenue", "currency"),
                FieldModel("NumberOfEmployees", "Employees", "int"),
                FieldModel("Description", "Description", "textarea", 32000),
                *_address("Billing"),
                CLIO_ID,
            ),
        ),
        ObjectModel(
            *("Contact", "Contact", "Contacts", "003"),
            own=(
                *PEOPLE,
                FieldModel(
                    "AccountId", "Account ID", "reference", 18, to="Account", relation="Account"
                ),
                FieldModel("Birthdate", "Birthdate", "date"),
                *_address("Mailing"),
                FieldModel(
                    *("Client_Type__c", "Client Type", "picklist", 255),
                    choices=("Person", "Company", "Court"),
                    restricted=True,
                ),
                CLIO_ID,
            ),
            made_name=True,
        ),
        ObjectModel(
            *("Lead", "Lead", "Leads", "00Q"),
            own=(
                *PEOPLE,
                text("Company", "Company", 255, required=True),
                FieldModel(
                    *("Status", "Lead Status", "picklist", 255),
                    choices=("Open - Not Contacted", "Working", "Closed - Converted"),
                    default="Open - Not Contacted",
                    required=True,
                ),
                FieldModel(
                    "LeadSource", "Lead Source", "picklist", 255, choices=("Web", "Phone", "Event")
                ),
                FieldModel("IsConverted", "Converted", "boolean", made=True),
                text("Web_Id__c", "Web form ID", 40, external_id=True),
            ),
            made_name=True,
        ),
        ObjectModel(
            *("Opportunity", "Opportunity", "Opportunities", "006"),
            own=(
                text("Name", "Name", 120, required=True),
                FieldModel(*("StageName", "Stage", "picklist", 255), choices=STAGES, required=True),
                FieldModel("Amount", "Amount", "currency"),
                FieldModel("CloseDate", "Close Date", "date", required=True),
                FieldModel("Probability", "Probability (%)", "percent"),
                FieldModel("IsClosed", "Closed", "boolean", made=True),
                FieldModel("IsWon", "Won", "boolean", made=True),
                FieldModel("LastStageChangeDate", "Last Stage Change Date", "datetime", made=True),
                FieldModel(
                    "AccountId", "Account ID", "reference", 18, to="Account", relation="Account"
                ),
                CLIO_ID,
            ),
        ),
        ObjectModel(
            *("User", "User", "Users", "005"),
            own=(
                NAME,
                text("Username", "Username", 80),
                FieldModel("Email", "Email", "email", 128),
                FieldModel("IsActive", "Active", "boolean", default=True),
            ),
        ),
        ObjectModel(
            *("Organization", "Organization", "Organizations", "00D"),
            own=(text("Name", "Name", 80), FieldModel("IsSandbox", "Sandbox", "boolean")),
        ),
    )
}
