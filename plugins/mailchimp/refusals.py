"""Mailchimp's refusals in plain sentences, whether of a request or of one member of a batch.

The wordings looked for are Mailchimp's own as quoted in public issue reports; its documentation
lists error titles only. Wordings that are unknown are passed on as they are.
"""

import re
from typing import Any

import httpx2

from engine.sdk import (
    AuthError,
    ConnectorError,
    InputError,
    Record,
    Rejected,
    RemoteError,
    RetryableError,
    json_in,
)
from plugins.mailchimp.audiences import WHERE_IDS_ARE
from plugins.mailchimp.merge_fields import NAMED_TAGS

#: What a recipe calls the merge fields that every audience starts with.
FIELD_OF_TAG = NAMED_TAGS

COMPLIANCE = Rejected(
    "This person unsubscribed, bounced or is under review, so Mailchimp does not subscribe them.",
    code="compliance_state",
    field="status",
    hint="Only the person can opt in again: send the status `pending`, and Mailchimp mails them "
    "a confirmation; or leave `status` out to update their other fields.",
)
FORGOTTEN = Rejected(
    "This person was permanently deleted from the audience, so Mailchimp does not add them again.",
    code="permanently_deleted",
    field="email",
    hint="They can subscribe themselves with Mailchimp's sign-up form.",
)
FAKE = Rejected(
    "Mailchimp takes this e-mail address for a fake one.",
    code="fake_address",
    field="email",
    hint="Correct the address where the record comes from.",
)
INVALID = Rejected(
    "Mailchimp does not accept this as an e-mail address.",
    code="invalid_address",
    field="email",
    hint="Correct the address where the record comes from.",
)
EXISTS = Rejected(
    "This person is already a member of the audience.", code="member_exists", field="email"
)
DUPLICATE = Rejected(
    "This e-mail address stands in the same batch more than once.",
    code="duplicate",
    field="email",
    hint="Retry the record by itself.",
)
LEFT_OUT = Rejected(
    "Mailchimp did not say what became of this member.",
    code="no_answer",
    hint="Retry the record: sending a member again does no harm.",
)

#: Looked for in this order.
WORDINGS = (
    ("compliance state", COMPLIANCE),
    ("permanently deleted", FORGOTTEN),
    ("looks fake or invalid", FAKE),
    ("valid email address", INVALID),
    ("already a list member", EXISTS),
    ("more than once", DUPLICATE),
)


def refused_member(error: Record) -> Rejected:
    """Explain one item of ``errors`` in the answer to a batch."""
    if error.get("error_code") == "ERROR_CONTACT_EXISTS":
        return EXISTS
    return refused(
        str(error.get("error") or ""),
        field=str(error.get("field") or ""),
        field_message=str(error.get("field_message") or ""),
    )


def refused(detail: str, *, field: str = "", field_message: str = "") -> Rejected:
    """Explain a refusal from Mailchimp's sentence and the field it points at."""
    for wording, explanation in WORDINGS:
        if wording in detail.lower():
            return explanation
    if not field:
        return Rejected(detail or "Mailchimp refused this member without a reason.")
    tag, name = merge_tag(field), recipe_field(field)
    if "enter a value" in field_message.lower():
        return Rejected(
            f"The audience requires '{tag}', and this member has no value for it.",
            code="missing_merge_field",
            field=name,
            hint=f"Fill in `{name}`, make the field optional in Mailchimp, "
            "or set `skip_required_fields: true`.",
        )
    return Rejected(
        f"Mailchimp does not accept the value of '{tag}': {field_message or detail}",
        code="invalid_merge_field",
        field=name,
        hint="Correct the value where the record comes from.",
    )


def ignored_field(tag: str) -> Rejected:
    """Explain a merge field that Mailchimp left empty though a value was sent.

    It answers as if all were well for tags the audience lacks and for incomplete addresses.
    """
    return Rejected(
        f"Mailchimp saved this member but ignored the value of '{tag}'.",
        code="ignored_merge_field",
        field=recipe_field(tag),
        hint="See in Mailchimp whether the audience has a field with this tag, spelt alike, that "
        "takes text: addresses can't be written as text.",
    )


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn an error answer into an error people understand; None leaves it to the engine."""
    match response.status_code:
        case 401:
            return AuthError(
                "Mailchimp did not accept the API key.",
                hint="Copy the whole key, with the dash and what follows it, or make a new one in "
                "Mailchimp: Profile, Extras, API keys.",
            )
        case 403 if not response.content:
            # Throttling at high volume comes as a bare 403 (third party); a real one has a body.
            return RetryableError(
                "Mailchimp turns requests away for the moment.", hint="Try again later."
            )
        case 403:
            return AuthError(
                f"Mailchimp denies access: {_problem(response).get('detail', 'no reason given')}",
                hint="Check the role of the key's owner and the account's plan in Mailchimp.",
            )
        case 404:
            return _not_found(response)
        case 405 if response.request.method == "DELETE":  # unverified, seen in reports of others
            return InputError(
                "Mailchimp does not archive this member.",
                hint="They may be archived already, or be under review there.",
                code="not_archived",
            )
        case 400 if response.request.url.path.rstrip("/").endswith("/webhooks"):
            return InputError(
                f"Mailchimp does not take the webhook: {_said(_problem(response))}",
                hint="It asks the address with GET and wants the answer 200: Bridgework's public "
                "address must be reachable from the internet.",
                code="webhook_refused",
            )
        case 400:
            return _as_error(_problem(response))
    return None


def merge_tag(field: str) -> str:
    """Return the tag in Mailchimp's name of a field: ``LNAME`` or ``merge_fields.LNAME``."""
    return field.removeprefix("merge_fields.")


def recipe_field(field: str) -> str:
    """Return what a recipe calls a field of Mailchimp's."""
    tag = merge_tag(field)
    if tag.lower().replace("_", " ") == "email address":
        return "email"
    if tag.islower():  # tags are capitals; this is a field of the member itself
        return tag
    return FIELD_OF_TAG.get(tag, f"merge_fields.{tag}")


def _not_found(response: httpx2.Response) -> ConnectorError | None:
    path = response.request.url.path
    if "/customer-journeys/" in path:
        return InputError(
            "Mailchimp knows no such journey and step, or this person is in no audience.",
            hint="Copy both numbers from the address at the journey's API step, and add the person "
            "first with `upsert_members`.",
            code="not_found",
        )
    found = re.search(r"/lists/([^/]+)(/members/|/webhooks/)?", path)
    if found is None:
        return None
    if found[2] == "/webhooks/":
        return InputError(
            "Mailchimp no longer has this webhook.", hint="It is made anew.", code="not_found"
        )
    if found[2]:
        return InputError(
            "This person is not a member of the audience.",
            hint="They never were one, or were erased. `upsert_members` adds people.",
            field="email",
            code="not_a_member",
        )
    return RemoteError(  # the recipe's fault and not a record's
        f"Mailchimp has no audience with the id '{found[1]}'.", hint=WHERE_IDS_ARE
    )


def _as_error(problem: Record) -> InputError:
    errors = problem.get("errors") or [{}]
    refusal = refused(
        str(problem.get("detail") or ""),
        field=str(errors[0].get("field") or ""),
        field_message=str(errors[0].get("message") or ""),
    )
    return InputError(refusal.reason, hint=refusal.hint, field=refusal.field, code=refusal.code)


def _said(problem: Record) -> str:
    """Return what is wrong in Mailchimp's words: of its first field, else of the whole."""
    errors = problem.get("errors") or [{}]
    return str(errors[0].get("message") or problem.get("detail") or "no reason given")


def _problem(response: httpx2.Response) -> dict[str, Any]:
    """Return the problem+json of an answer; empty when it has none."""
    document = json_in(response)
    return document if isinstance(document, dict) else {}
