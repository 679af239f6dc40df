"""A practice Slack: one workspace, whose people, channels and messages are made up."""

from plugins.slack.practice.server import PracticeSlack

__all__ = ["PracticeSlack"]
