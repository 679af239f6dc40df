"""The duties of a running Bridgework, all in one list."""

from engine.run.duties import Duty

DUTIES: tuple[Duty, ...] = ()
