"""A practice copy of Zapier: catch hooks, and Zaps that subscribe and start recipes."""

from plugins.zapier.practice.server import PracticeZapier

__all__ = ["PracticeZapier"]
