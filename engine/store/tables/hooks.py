"""Webhooks: their addresses, what they delivered, and who subscribed to ours."""
