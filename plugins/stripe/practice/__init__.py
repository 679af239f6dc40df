"""A practice copy of Stripe: a server, its rules for money, and an invented firm's books."""

from plugins.stripe.practice.server import PracticeStripe

__all__ = ["PracticeStripe"]
