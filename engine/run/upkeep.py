"""The duties of a running Bridgework, all in one list."""

from datetime import timedelta

from engine.run.duties import Duty
from engine.run.schedule import start_due

DUTIES: tuple[Duty, ...] = (Duty("schedules", timedelta(seconds=1), start_due),)
