"""People in a workspace: as recipes see them, looked up by e-mail address or id."""

from collections.abc import Iterator
from typing import Annotated

from engine.sdk import Complete, Context, Field, InputError, Option, Record, tolerating
from plugins.slack.channels import ID
from plugins.slack.moments import moment_of

#: Slack recommends no more than 200; a page of 999 is as one request of the twenty a minute.
PAGE_SIZE = 999

SAMPLE = Complete(
    id="U0ADA00001",
    name="Ada Byron",
    display_name="ada",
    first_name="Ada",
    last_name="Byron",
    email="ada@firm.example",
    title="Attorney",
    phone="+12125550100",
    timezone="America/New_York",
    app=False,
    guest=False,
    admin=True,
    active=True,
    updated_at="2026-01-31T15:04:05Z",
)


def people(ctx: Context) -> Iterator[Option]:
    """Offer the people of the workspace in pickers."""
    for user in every_person(ctx):
        if not (user.get("deleted") or user.get("is_bot")):
            person = person_record(user)
            yield Option(person["id"], person["name"] or person["display_name"] or person["id"])


Email = Annotated[str, Field("E-mail", "As it is in Slack.", format="email")]
Person = Annotated[
    str, Field("Person", "Their e-mail address, or their id in Slack.", options=people)
]


def every_person(ctx: Context) -> list[Record]:
    """Return all of the workspace, apps and former members too; asked for once a run."""
    params = {"limit": PAGE_SIZE}
    return ctx.kept.once(
        "people", lambda: list(ctx.http.paginate("users.list", items="members", params=params))
    )


def find_by_email(ctx: Context, email: str) -> Record | None:
    """Return who has an e-mail address; None where nobody has."""
    with tolerating("users_not_found"):
        answer = ctx.http.get("users.lookupByEmail", params={"email": email.strip()}).json()
        return person_record(answer["user"])
    return None


def find_by_id(ctx: Context, id: str) -> Record | None:
    """Return the person with an id; None where there is none."""
    with tolerating("user_not_found", "user_not_visible"):
        answer = ctx.http.get("users.info", params={"user": id.strip()}).json()
        return person_record(answer["user"])
    return None


def person_id(ctx: Context, person: str) -> str:
    """Return the id of somebody given by id or e-mail address; an address is asked for once a run.

    :raises InputError: nobody has that address.
    """
    wanted = person.strip()
    if ID.fullmatch(wanted):
        return wanted
    found = ctx.kept.once(f"person {wanted.lower()}", lambda: find_by_email(ctx, wanted))
    if found is None:
        raise InputError(
            f"Nobody in the Slack workspace has the e-mail address '{wanted}'.",
            hint="Check the address, or invite the person to Slack.",
            field="person",
            code="users_not_found",
        )
    return str(found["id"])


def person_record(user: Record) -> Record:
    """Return somebody as recipes see them."""
    profile = user.get("profile") or {}
    return {
        "id": user["id"],
        "name": profile.get("real_name") or user.get("real_name") or "",
        "display_name": profile.get("display_name") or user.get("name") or "",
        "first_name": profile.get("first_name") or "",
        "last_name": profile.get("last_name") or "",
        "email": profile.get("email"),
        "title": profile.get("title") or "",
        "phone": profile.get("phone") or "",
        "timezone": user.get("tz"),
        "app": bool(user.get("is_bot")),
        "guest": bool(user.get("is_restricted") or user.get("is_ultra_restricted")),
        "admin": bool(user.get("is_admin")),
        "active": not user.get("deleted"),
        "updated_at": moment_of(user.get("updated")),
    }
