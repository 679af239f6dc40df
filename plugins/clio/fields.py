"""What the triggers yield: Clio's records, flattened to what a recipe is likely to say.

``None`` stands where Clio leaves a field empty, so that a recipe can be checked for it.
"""

from typing import Annotated, Any, Literal

from engine.sdk import Field, TypedDict

Status = Literal["open", "pending", "closed"]
ContactType = Literal["Person", "Company"]
DateTime = Annotated[str, Field(format="date-time")]
Date = Annotated[str, Field(format="date")]
Email = Annotated[str, Field(format="email")]
#: A company has no first and last name.
PersonOrCompany = Annotated[
    ContactType, Field("Type", without={"Company": ("first_name", "last_name")})
]


#: A custom field's type decides what its value is: text, a number, true or false, or an id.
CustomFields = Annotated[
    dict[str, Any],
    Field(
        "Custom fields",
        "By the name a field has in Clio, as in `matter.custom_fields['Case number']`.",
    ),
]


class Phone(TypedDict):
    """A telephone number as it was typed in Clio."""

    name: Annotated[str, Field("Label", "Mobile, Home, Work, Fax, Pager, Skype or Other.")]
    number: str


class Address(TypedDict):
    """A postal address."""

    name: Annotated[str, Field("Label", "Home, Work, Billing or Other.")]
    street: str | None
    city: str | None
    province: str | None
    postal_code: str | None
    country: str | None


class Client(TypedDict):
    """A person or company a matter is for; a company has no first and last name."""

    id: int
    name: str
    first_name: str | None
    last_name: str | None
    type: PersonOrCompany
    email: Email | None
    phones: list[Phone]


class Attorney(TypedDict):
    """A user of Clio who answers for a matter."""

    id: int
    name: str
    email: Email | None


class Matter(TypedDict):
    """A case, as Clio calls it."""

    id: int
    display_number: str
    description: str | None
    status: Annotated[Status, Field("Status", "In the words the trigger's own status uses.")]
    practice_area: Annotated[str | None, Field("Practice area", "Its name.")]
    stage: Annotated[str | None, Field("Stage", "The name of the matter's stage.")]
    client: Client | None
    clients: Annotated[
        list[Client],
        Field("Clients", "The client, then contacts related to the matter as clients too."),
    ]
    responsible_attorney: Attorney | None
    billing_method: str | None
    location: str | None
    open_date: Date | None
    pending_date: Date | None
    close_date: Date | None
    custom_fields: CustomFields
    created_at: DateTime
    updated_at: DateTime


class Contact(TypedDict):
    """A person or company in the firm's address book."""

    id: int
    name: str
    first_name: str | None
    last_name: str | None
    type: PersonOrCompany
    title: str | None
    company: Annotated[str | None, Field("Company", "The name of the company a person works for.")]
    email: Email | None
    phones: list[Phone]
    addresses: list[Address]
    date_of_birth: Date | None
    is_client: bool
    custom_fields: CustomFields
    created_at: DateTime
    updated_at: DateTime


class User(TypedDict):
    """A person of the firm who works in Clio."""

    id: int
    name: str
    first_name: str | None
    last_name: str | None
    email: Email | None
    enabled: Annotated[bool, Field("Enabled", "Whether the user may log in.")]
    roles: list[str]
    created_at: DateTime
    updated_at: DateTime


class MatterName(TypedDict):
    """Which matter something is about."""

    id: int
    display_number: str


class ContactName(TypedDict):
    """Which person or company something is about."""

    id: int
    name: str
    type: ContactType


class Relationship(TypedDict):
    """How a person or company has to do with a matter."""

    id: int
    description: str | None
    matter: MatterName | None
    contact: ContactName | None
    created_at: DateTime
    updated_at: DateTime


class Note(TypedDict):
    """What somebody wrote down about a matter or a contact."""

    id: int
    type: Annotated[Literal["Matter", "Contact"], Field("Type", "What it is about.")]
    subject: str | None
    detail: str | None
    date: Date | None
    author: Annotated[str | None, Field("Author", "The name of the user who wrote it.")]
    matter: MatterName | None
    contact: ContactName | None
    created_at: DateTime
    updated_at: DateTime


class Communication(TypedDict):
    """A call or an e-mail that was written down."""

    id: int
    type: Literal["PhoneCommunication", "EmailCommunication"]
    subject: str | None
    body: str | None
    date: Date | None
    matter: MatterName | None
    created_at: DateTime
    updated_at: DateTime


class Stage(TypedDict):
    """One of the stages that matters of a practice area go through."""

    id: int
    name: str
    practice_area: Annotated[str | None, Field("Practice area", "Its name.")]
