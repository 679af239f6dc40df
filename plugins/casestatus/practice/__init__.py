"""A practice copy of Case Status: a server, the rules it checks, and an invented law firm."""

from plugins.casestatus.practice.server import PracticeCaseStatus

__all__ = ["PracticeCaseStatus"]
