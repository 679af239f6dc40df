"""A practice copy of Clio: a server that answers as Clio documents, and an invented law firm."""

from plugins.clio.practice.server import PracticeClio

__all__ = ["PracticeClio"]
