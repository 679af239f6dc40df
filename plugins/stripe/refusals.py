"""Stripe's error answers as sentences: by type, code and decline code.

The shape is in its published spec, types and statuses in stripe-python's (vendor's code, 6c6e3736);
the codes are a part of those its documentation lists.
"""

import re
from typing import Any, NamedTuple

import httpx2

from engine.sdk import (
    AuthError,
    ConnectorError,
    InputError,
    RemoteError,
    RetryableError,
    dig,
    json_in,
)


class ReplayedRefusal(InputError):
    """The stored answer to an earlier request with this key; nothing was carried out then."""


class Cause(NamedTuple):
    """What a code means, and what to do."""

    reason: str
    hint: str


#: Stripe's codes that a recipe's rows meet; any other is told in Stripe's own words.
CAUSES = {
    "resource_missing": Cause("Stripe has no {what}.", "Check the id, and that the connection is of the same account and mode (live or test)."),
    "email_invalid": Cause("Stripe does not take this e-mail address.", "Correct it where the record comes from."),
    "parameter_missing": Cause("Stripe needs '{param}', and it is missing.", "Fill the field in."),
    "parameter_invalid_empty": Cause("Stripe does not take an empty '{param}'.", "Fill the field in, or leave it out."),
    "parameter_invalid_integer": Cause("'{param}' must be a whole number.", "Correct the value where the record comes from."),
    "parameter_unknown": Cause("Stripe knows no field '{param}'.", "Its API may have changed: please report it."),
    "amount_too_small": Cause("The amount is less than Stripe takes in this currency.", "Stripe's documentation lists the smallest amounts; half a dollar for USD."),
    "amount_too_large": Cause("The amount is more than Stripe takes.", "Divide it into several."),
    "charge_already_refunded": Cause("This payment was refunded already.", "There is nothing left to do; skip such records."),
    "charge_disputed": Cause("This payment is disputed, so it can't be refunded.", "See the dispute in Stripe."),
    "charge_not_refundable": Cause("This payment can't be refunded.", "See the payment in Stripe."),
    "balance_insufficient": Cause("The balance at Stripe is less than this refund.", "Wait for payments or top up, then retry the record."),
    "invoice_no_customer_line_items": Cause("This invoice has no lines.", "Give it at least one line."),
    "invoice_not_editable": Cause("This invoice is finalized and can't be changed.", "Make a new one, or void it in Stripe."),
    "customer_max_payment_methods": Cause("This customer has as many payment methods as Stripe allows.", "Remove one in Stripe."),
    "payment_intent_unexpected_state": Cause("The payment is in a state in which this can't be done.", "See the payment in Stripe."),
    "country_unsupported": Cause("Stripe does not serve this country.", "Correct it where the record comes from."),
    "currency_mismatch": Cause("The currency isn't the one that this customer is billed in.", "A customer has one currency: use that, or another customer."),
    "testmode_charges_only": Cause("The account can take no real payments yet.", "Activate it in Stripe, or connect with a test key."),
}  # fmt: skip

#: Why a bank declined; the person who pays is told little more than that.
DECLINES = {
    "insufficient_funds": "The card has too little money on it.",
    "expired_card": "The card has expired.",
    "lost_card": "The bank declined the card.",  # not to be told to the payer (documented)
    "stolen_card": "The bank declined the card.",
    "fraudulent": "The bank declined the card.",
    "incorrect_cvc": "The card's security code is wrong.",
    "incorrect_number": "The card's number is wrong.",
    "card_not_supported": "The card does not support this kind of payment.",
    "currency_not_supported": "The card does not support this currency.",
    "authentication_required": "The bank wants the payer to confirm this payment.",
    "try_again_later": "The bank could not be asked.",
    "generic_decline": "The bank declined the card without a reason.",
    "do_not_honor": "The bank declined the card without a reason.",
}

#: What a recipe calls Stripe's parameters, where that differs.
FIELDS = {"payment_intent": "payment", "line_items": "price", "customer": "customer"}


def explain(response: httpx2.Response) -> ConnectorError | None:
    """Turn an error answer into an error people understand; None leaves it to the engine."""
    error = _error(response)
    status, kind, code = response.status_code, error.get("type"), error.get("code")
    match status:
        case 401:
            return AuthError(
                "Stripe did not accept the key.",
                hint="It may have been rolled or deleted: copy the secret key from Developers, "
                "API keys, and connect again.",
            )
        case 403:
            return AuthError(
                f"The key may not do this in Stripe: {_said(error)}",
                hint="Give the restricted key this permission under Developers, API keys, or use "
                "the secret key.",
            )
        case 409 if code in ("idempotency_key_in_use", "lock_timeout"):
            return RetryableError(
                "Stripe is still busy with an earlier request about this.",
                hint="It is tried again by itself.",
                after=1.0,
            )
        case 400 if kind == "idempotency_error":
            return InputError(
                "Stripe knows this record's key from a request with other content.",
                hint="The recipe or its connection was changed while a record was under way. After "
                "a day Stripe has forgotten the key: retry the record then.",
                code="idempotency_error",
            )
    again = response.headers.get("Stripe-Should-Retry")  # it knows best (vendor's code)
    if again == "true" and status < 500 and status != 429:
        return RetryableError("Stripe asks to try this again.", hint="It is done by itself.")
    if again == "false" and status >= 500:
        return RemoteError(
            f"Stripe had a problem of its own with this and would only repeat it (answer {status}).",
            hint="It is asked again with the same key in the next run, so nothing is done twice.",
        )
    if status == 429 or status >= 500:
        return None  # the engine's table knows these, and Retry-After
    if not error:
        return None
    declined = kind == "card_error" or status == 402
    refusal = _declined(error) if declined else _refused(error, status)
    if response.headers.get("Idempotent-Replayed") == "true":
        return ReplayedRefusal(
            refusal.message, hint=refusal.hint, field=refusal.field, code=refusal.code
        )
    return refusal


def _declined(error: dict[str, Any]) -> InputError:
    decline = str(error.get("decline_code") or error.get("code") or "generic_decline")
    reason = DECLINES.get(decline) or f"The payment was declined: {_said(error)}"
    return InputError(
        reason,
        hint="Ask the payer for another way to pay; the payment in Stripe says more.",
        code=decline,
    )


def _refused(error: dict[str, Any], status: int) -> InputError:
    code, param = str(error.get("code") or ""), str(error.get("param") or "")
    field = re.split(r"[\[\]]", param)[0]
    field = FIELDS.get(field, field) or None
    cause = CAUSES.get(code)
    if status == 404 or code == "resource_missing":
        what = _missing(str(error.get("message") or ""))
        missing = CAUSES["resource_missing"]
        reason = missing.reason.format(what=what)
        # Of the thing itself or, where it is named in a field, of what it refers to.
        gone = "not_found" if status == 404 else "no_such_thing"
        return InputError(reason, hint=missing.hint, field=field, code=gone)
    if cause is None:
        return InputError(
            f"Stripe refused this: {_said(error)}", field=field, code=code or "refused"
        )
    return InputError(cause.reason.format(param=param), hint=cause.hint, field=field, code=code)


def _missing(message: str) -> str:
    """Return what Stripe says that it lacks: its "No such customer: 'cus_1'"."""
    found = re.match(r"No such ([\w .]+): '([^']*)'", message)
    return f"{found[1].replace('_', ' ')} '{found[2]}'" if found else "such thing"


def _said(error: dict[str, Any]) -> str:
    return str(error.get("message") or "no reason given")


def _error(response: httpx2.Response) -> dict[str, Any]:
    """Return the ``error`` of an answer; empty where it has none."""
    found = dig(json_in(response), "error")
    return found if isinstance(found, dict) else {}
