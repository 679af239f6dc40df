"""A practice copy of Mailchimp: a server, its audiences' rules, and invented members."""

from plugins.mailchimp.practice.server import PracticeMailchimp

__all__ = ["PracticeMailchimp"]
