"""The Audience field: picked from a list, written as an id or as the audience's exact name."""

import re
from collections.abc import Iterator
from typing import Annotated

from engine.sdk import Context, Field, Option, SetupError

#: How Mailchimp's audience ids look (seen throughout its documentation; the format is no promise).
AUDIENCE_ID = re.compile(r"[0-9a-f]{10}")

#: Hint for recipe writers.
WHERE_IDS_ARE = "Copy the id from Mailchimp: Audience, Settings, Audience name and defaults."


def audiences(ctx: Context) -> Iterator[Option]:
    """Offer the account's audiences in pickers."""
    for audience in ctx.http.paginate("/lists", items="lists"):
        yield Option(audience["id"], audience["name"])


Audience = Annotated[
    str,
    Field(
        "Audience",
        "Its id, or its name exactly as Mailchimp shows it.",
        options=audiences,
        only=True,
    ),
]


def audience_id(ctx: Context, audience: str) -> str:
    """Return the id of an audience given by id or name; a name costs one request.

    :raises SetupError: no audience has that name, or several have it.
    """
    if AUDIENCE_ID.fullmatch(audience):
        return audience
    options = list(audiences(ctx))
    found = [option.value for option in options if option.label == audience]
    if len(found) == 1:
        return found[0]
    if found:
        raise SetupError(
            f"Mailchimp has {len(found)} audiences called '{audience}'.",
            hint=f"Write the id of the one that is meant: {', '.join(found)}.",
        )
    known = ", ".join(f"'{option.label}' ({option.value})" for option in options)
    raise SetupError(
        f"Mailchimp has no audience called '{audience}'.",
        hint=f"There are: {known}." if known else "The account has no audience yet.",
    )
