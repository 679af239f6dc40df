"""Money: Stripe counts in a currency's smallest unit, recipes write amounts as people do.

Which currencies have no or three decimals is from docs.stripe.com/currencies (read in copies of
2022 to 2026): of three, the last digit must be 0; ISK has none any more, but is still sent with two.
UGX stands there both among those without decimals and among the exceptions that are sent with two:
what a factor of a hundred could cost is no matter for a guess, so it is refused.
"""

import re
from decimal import Decimal, InvalidOperation

from engine.sdk import InputError

NO_DECIMALS = frozenset(
    {
        "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf",
        "xof", "xpf",
    }
)  # fmt: skip
THREE_DECIMALS = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
#: Sent with two decimals that must be 00.
WHOLE_ONLY = frozenset({"isk"})
UNCLEAR = frozenset({"ugx"})

#: The most that Stripe takes: eight digits (documented for charges).
MOST = 99_999_999


def places(currency: str) -> int:
    """Return how many decimals Stripe counts in."""
    code = currency.lower()
    return 0 if code in NO_DECIMALS else 3 if code in THREE_DECIMALS else 2


def to_minor(amount: str, currency: str, field: str = "amount") -> int:
    """Return an amount such as ``19.99`` in the smallest unit.

    :param field: of the action, for its refusal.
    :raises InputError: it is no amount of this currency.
    """
    code = currency.strip().lower()
    if not re.fullmatch("[a-z]{3}", code):
        raise InputError(
            f"'{currency}' is no currency.",
            hint="Write its code of three letters, such as usd.",
            field="currency",
            code="not_a_currency",
        )
    if code in UNCLEAR:
        raise InputError(
            f"How {code.upper()} is counted is told in two ways in Stripe's documentation.",
            hint="Enter such amounts in Stripe itself.",
            field="currency",
            code="unclear_currency",
        )
    try:
        value = Decimal(amount.strip())
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise _bad(amount, "is no amount", "Write it plain, such as 1234.50.", field)
    units = value.scaleb(places(code))
    if units != units.to_integral_value():
        hint = f"Round it first: `| round({places(code)})`."
        raise _bad(amount, f"has more decimals than {code.upper()} has", hint, field)
    if code in THREE_DECIMALS and units % 10:
        hint = "Stripe wants the third decimal to be 0: `| round(2)`."
        raise _bad(amount, f"is finer than Stripe counts {code.upper()}", hint, field)
    if code in WHOLE_ONLY and units % 100:
        raise _bad(amount, f"is no whole number of {code.upper()}", "Round it first.", field)
    if abs(units) > MOST:
        raise _bad(amount, "is more than Stripe takes at once", "Divide it.", field)
    return int(units)


def to_amount(minor: int | None, currency: str | None) -> str | None:
    """Return an amount in the currency's own units as exact text, such as ``19.99``."""
    if minor is None or not currency:
        return None
    return str(Decimal(minor).scaleb(-places(currency)))


def _bad(amount: str, problem: str, hint: str, field: str) -> InputError:
    return InputError(f"'{amount}' {problem}.", hint=hint, field=field, code="not_an_amount")
