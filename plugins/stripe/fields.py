"""What recipes see of Stripe's objects: times as ISO 8601, amounts in the currency's own units."""

from engine.sdk import NotRequired, Record, TypedDict


class Address(TypedDict):
    """Where a customer is."""

    line1: str | None
    line2: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    country: str | None


class Customer(TypedDict):
    """A customer; ``balance`` below zero is what is owed to them."""

    id: str
    name: str | None
    email: str | None
    phone: str | None
    description: str | None
    address: Address
    currency: str | None
    balance: str | None
    delinquent: bool | None
    metadata: dict[str, str]
    livemode: bool
    created: str
    changed_at: NotRequired[str]


class Failure(TypedDict):
    """Why a payment failed, in Stripe's words."""

    code: str | None
    decline_code: str | None
    message: str | None


class Payment(TypedDict):
    """A payment intent. ``amount_minor`` is in the smallest unit, as Stripe counts."""

    id: str
    amount: str | None
    amount_received: str | None
    amount_minor: int
    currency: str
    status: str
    customer: str | None
    description: str | None
    receipt_email: str | None
    charge: str | None
    failure: Failure | None
    metadata: dict[str, str]
    livemode: bool
    created: str
    changed_at: NotRequired[str]


class Charge(TypedDict):
    """One attempt to take money."""

    id: str
    amount: str | None
    amount_refunded: str | None
    amount_minor: int
    currency: str
    status: str
    paid: bool
    refunded: bool
    disputed: bool
    customer: str | None
    payment: str | None
    description: str | None
    billing_name: str | None
    billing_email: str | None
    receipt_email: str | None
    receipt_url: str | None
    card_brand: str | None
    card_last4: str | None
    failure_code: str | None
    failure_message: str | None
    metadata: dict[str, str]
    livemode: bool
    created: str
    changed_at: NotRequired[str]


class Refund(TypedDict):
    """Money that went back."""

    id: str
    amount: str | None
    amount_minor: int
    currency: str
    status: str | None
    charge: str | None
    payment: str | None
    reason: str | None
    metadata: dict[str, str]
    created: str
    changed_at: NotRequired[str]


class InvoiceLine(TypedDict):
    """One line of an invoice."""

    description: str | None
    amount: str | None
    quantity: int | None


class Invoice(TypedDict):
    """An invoice; while it is a draft it has no number and no page."""

    id: str
    number: str | None
    status: str | None
    customer: str | None
    customer_name: str | None
    customer_email: str | None
    total: str | None
    amount_due: str | None
    amount_paid: str | None
    amount_remaining: str | None
    total_minor: int
    currency: str
    collection_method: str | None
    billing_reason: str | None
    attempt_count: int
    due_date: str | None
    paid_at: str | None
    description: str | None
    page: str | None
    pdf: str | None
    subscription: str | None
    lines: list[InvoiceLine]
    metadata: dict[str, str]
    livemode: bool
    created: str
    changed_at: NotRequired[str]


class SubscriptionItem(TypedDict):
    """What is subscribed to."""

    price: str | None
    product: str | None
    quantity: int | None
    amount: str | None
    interval: str | None


class Subscription(TypedDict):
    """A subscription of a customer's."""

    id: str
    status: str
    customer: str | None
    currency: str | None
    items: list[SubscriptionItem]
    period_end: str | None
    cancel_at_period_end: bool
    trial_end: str | None
    canceled_at: str | None
    ended_at: str | None
    metadata: dict[str, str]
    livemode: bool
    created: str
    changed_at: NotRequired[str]


class Event(TypedDict):
    """Something that happened; ``object`` is what it happened to, as Stripe writes it."""

    id: str
    type: str
    object_id: str | None
    object_type: str | None
    object: Record
    previous: Record
    request_id: str | None
    api_version: str | None
    livemode: bool
    created: str
