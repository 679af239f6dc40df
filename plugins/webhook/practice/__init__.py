"""A receiver to practise on: it checks signatures and drops what it saw."""

from plugins.webhook.practice.server import PracticeReceiver

__all__ = ["PracticeReceiver"]
