"""An office at night: recipes that run by the clock, and a scheduler that looks when a test says so."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from engine.recipe.model import Recipe
from engine.run.schedule.due import start_due
from engine.run.upkeep.duties import Works
from engine.store.runs import Run, change_run, list_runs
from engine.store.schedules import Planned, planned_for
from engine.store.switches import set_switch
from engine.store.tables import runs


class Night:
    """Writes recipes with schedules, looks, and tells what was started.

    :param office: where the recipes are; see conftest.
    """

    def __init__(self, office: Any, clock: Any) -> None:
        self.office, self.clock = office, clock
        self.asked: list[int] = []
        self.works = Works(office.store, office.host, office.library, self.asked.append)

    def recipe(
        self,
        words: str = "every 15 minutes",
        zone: str = "UTC",
        name: str = "parcels",
        more: str = "",
        on: bool = True,
    ) -> Recipe:
        """Write a recipe that runs by the clock, and switch it on."""
        keys = f"schedule: {words}\ntimezone: {zone}\n{more}"
        recipe: Recipe = self.office.recipe(self.office.SINGLE, trigger_keys=keys, name=name)
        if on:
            set_switch(self.office.store, name, True)
        return recipe

    def look(self, **later: float) -> None:
        """Look now, or after some time."""
        self.clock.pass_by(**later)
        start_due(self.works, self.clock())

    def watch(self, *, every: timedelta, until: timedelta) -> None:
        for _ in range(until // every):
            self.clock.now += every
            self.look()

    def end(self, status: str = "succeeded", message: str = "") -> None:
        """End the runs that were started."""
        with self.office.store.writing() as connection:
            for run in self.runs():
                if run.active:
                    values = {"status": status, "message": message, "started_at": self.clock()}
                    change_run(connection, run.id, finished_at=self.clock(), **values)

    def runs(self) -> list[Run]:
        return list_runs(self.office.store)[::-1]

    def ticks(self) -> list[str]:
        """Return the times that runs were started for, in UTC."""
        with self.office.store.reading() as connection:
            keys = connection.execute(select(runs.c.origin_key).order_by(runs.c.id)).scalars().all()
        return [key.partition("@")[2].removesuffix(":00+00:00") for key in keys if key]

    def plan(self, name: str = "parcels") -> Planned:
        plan = planned_for(self.office.store, name)
        assert plan is not None
        return plan

    def note(self) -> str:
        return self.plan().note
