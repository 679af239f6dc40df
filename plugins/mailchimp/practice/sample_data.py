"""The audiences that the practice server starts with."""

from copy import copy
from datetime import datetime, timedelta
from random import Random

from plugins.mailchimp.practice.audience import Audience, MergeField

ACCOUNT = "Harbor Law"

NEWSLETTER = "a1b2c3d4e5"
CLIENTS = "f6a7b8c9d0"

#: Status, first name, last name and domain; one in four left the newsletter.
NEWSLETTER_MEMBERS = (
    ("subscribed", "Ada", "Byron", "mail.example"),
    ("subscribed", "Björn", "Åkesson", "mail.example"),
    ("unsubscribed", "Clara", "Whitcombe", "post.example"),
    ("subscribed", "Dmitri", "Volkov", "inbox.example"),
    ("subscribed", "Esi", "Boateng", "mail.example"),
    ("cleaned", "Farah", "Haidari", "gone.example"),
    ("subscribed", "Giulia", "Bianchi", "post.example"),
    ("unsubscribed", "Hassan", "Rahimi", "inbox.example"),
    ("subscribed", "Ingrid", "Solheim", "mail.example"),
    ("pending", "João", "Figueiredo", "mail.example"),
    ("subscribed", "Keiko", "Mori", "post.example"),
    ("unsubscribed", "Lars", "Østergaard", "inbox.example"),
    ("subscribed", "Mirela", "Ionescu", "mail.example"),
    ("subscribed", "Nadia", "Kowalczyk", "post.example"),
    ("unsubscribed", "Oscar", "Delgado", "mail.example"),
    ("subscribed", "Petra", "Novotná", "inbox.example"),
    ("subscribed", "Quentin", "Marchand", "mail.example"),
    ("cleaned", "Rosa", "Ferreira", "gone.example"),
    ("unsubscribed", "Samuel", "O'Brien", "post.example"),
    ("subscribed", "Tariq", "Aziz", "mail.example"),
    ("subscribed", "Uma", "Krishnan", "inbox.example"),
    ("unsubscribed", "Viktor", "Horvath", "mail.example"),
    ("subscribed", "Wanda", "Pruitt", "post.example"),
    ("pending", "Xiomara", "Reyes", "mail.example"),
    ("unsubscribed", "Yusuf", "Demir", "inbox.example"),
    ("subscribed", "Zoë", "van der Berg", "mail.example"),
    ("subscribed", "Arthur", "Llewellyn", "post.example"),
    ("unsubscribed", "Bianca", "Castellanos", "mail.example"),
    ("subscribed", "Colm", "Gallagher", "inbox.example"),
    ("subscribed", "Delphine", "Roux", "mail.example"),
)

CLIENT_MEMBERS = (
    ("subscribed", "Walter", "Abernathy", "mail.example"),
    ("subscribed", "Chloé", "Dubois", "mail.example"),
    ("subscribed", "Ama", "Owusu", "mail.example"),
    ("unsubscribed", "Siobhán", "O'Rourke", "mail.example"),
    ("subscribed", "Mei", "Zhang", "mail.example"),
    ("cleaned", "Edgar", "Stroud", "gone.example"),
)

#: What the firm added to the audience of its clients.
OWN_FIELDS = (
    MergeField(
        6, "AREA", "Practice area", "dropdown", choices=("Family", "Immigration", "Estates")
    ),
    MergeField(7, "MATTERS", "Open matters", "number"),
    MergeField(8, "SINCE", "Client since", "date"),
)

#: Spelt as we guess that Mailchimp does; None where the person gave none.
REASONS = (
    "NORMAL: I no longer want to receive these emails",
    "NOSIGNUP: I never signed up for this mailing list",
    "INAPPROPRIATE: The emails are inappropriate",
    "SPAM: The emails are spam and should be reported",
    "OTHER: Moved to another city",
    None,
)


def audiences(random: Random, now: datetime) -> list[Audience]:
    """Build both audiences; their members changed at times within the last two months."""
    return [
        _audience(NEWSLETTER, "Newsletter", NEWSLETTER_MEMBERS, random, now),
        _audience(CLIENTS, "Clients", CLIENT_MEMBERS, random, now),
    ]


def _audience(
    id: str, name: str, people: tuple[tuple[str, str, str, str], ...], random: Random, now: datetime
) -> Audience:
    audience = Audience(id, name, _merge_fields(*(OWN_FIELDS if id == CLIENTS else ())))
    moments = sorted(now - timedelta(minutes=random.randrange(60, 86_400)) for _ in people)
    for place, (person, moment) in enumerate(zip(people, moments, strict=True)):
        status, first, last, domain = person
        body = {
            "email_address": f"{address_name(first)}.{address_name(last)}@{domain}",
            "status": status,
            "merge_fields": {"FNAME": first, "LNAME": last, "PHONE": f"+12125550{100 + place}"},
        }
        member, _ = audience.upsert(body, moment)
        if status == "unsubscribed" and (reason := random.choice(REASONS)):
            member.unsubscribe_reason = reason
        if place % 5 == 0:
            audience.tag(member, {"Founding reader": True}, moment)
    return audience


def _merge_fields(*own: MergeField) -> dict[str, MergeField]:
    """Return what a new audience has; none is required until somebody says so."""
    fields = (
        MergeField(1, "FNAME", "First Name"),
        MergeField(2, "LNAME", "Last Name"),
        MergeField(3, "ADDRESS", "Address", "address"),
        MergeField(4, "PHONE", "Phone Number", "phone"),
        MergeField(5, "BIRTHDAY", "Birthday", "birthday"),
        *map(copy, own),
    )
    return {field.tag: field for field in fields}


def address_name(name: str) -> str:
    """Write a name as it stands in an address: plain small letters."""
    plain = name.lower().translate(str.maketrans("åáäëéíóöøúüçčñã", "aaaeeiooouuccna"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalpha())
