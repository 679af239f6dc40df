"""Webhooks in: subscribed, taken in, answered, and read by a run."""
