"""Payments at the practice server: taken, declined, and the charges that stand for each attempt."""

from plugins.stripe.practice.answers import Refused
from plugins.stripe.practice.store import Json, Store

DECLINED = {
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "generic_decline": "Your card was declined.",
}


def blank_payment(customer: Json, amount: int, currency: str, description: str | None) -> Json:
    """Return a payment that waits for a way to pay; a part of the fields that Stripe has."""
    return {
        "amount": amount,
        "amount_received": 0,
        "capture_method": "automatic",
        "currency": currency,
        "customer": customer["id"],
        "description": description,
        "last_payment_error": None,
        "latest_charge": None,
        "payment_method_types": ["card"],
        "receipt_email": customer["email"],
        "status": "requires_payment_method",
    }


def succeed(store: Store, payment: Json) -> Json:
    """Let a payment come in."""
    charge = _charge(store, payment, "succeeded", None)
    values = {
        "status": "succeeded",
        "amount_received": payment["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
    }
    return store.change("payment_intents", payment, values, event="succeeded")


def decline(store: Store, payment: Json, reason: str = "insufficient_funds") -> Json:
    """Let an attempt to pay be declined."""
    if payment["status"] == "succeeded":
        raise Refused("This payment has succeeded.", code="payment_intent_unexpected_state")
    charge = _charge(store, payment, "failed", reason)
    error = {
        "type": "card_error",
        "code": "expired_card" if reason == "expired_card" else "card_declined",
        "decline_code": reason,
        "message": DECLINED[reason],
        "charge": charge["id"],
    }
    values = {
        "status": "requires_payment_method",
        "last_payment_error": error,
        "latest_charge": charge["id"],
    }
    return store.change("payment_intents", payment, values, event="payment_failed")


def _charge(store: Store, payment: Json, status: str, reason: str | None) -> Json:
    customer = store.tables["customers"].get(payment["customer"]) or {}
    return store.add(
        "charges",
        {
            "amount": payment["amount"],
            "amount_captured": payment["amount"] if status == "succeeded" else 0,
            "amount_refunded": 0,
            "billing_details": {
                "address": customer.get("address"),
                "email": customer.get("email"),
                "name": customer.get("name"),
                "phone": customer.get("phone"),
            },
            "captured": status == "succeeded",
            "currency": payment["currency"],
            "customer": payment["customer"],
            "description": payment["description"],
            "disputed": False,
            "failure_code": reason and "card_declined",
            "failure_message": reason and DECLINED[reason],
            "paid": status == "succeeded",
            "payment_intent": payment["id"],
            "payment_method_details": {"card": {"brand": "visa", "last4": "4242"}, "type": "card"},
            "receipt_email": payment["receipt_email"],
            "receipt_url": "https://pay.stripe.com/receipts/practice",
            "refunded": False,
            "status": status,
        },
        event=status,
    )
