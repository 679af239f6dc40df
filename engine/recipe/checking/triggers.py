"""Checking a recipe's triggers: what each takes, when it runs, and what templates read of it."""

import re
from datetime import timedelta

from engine.fields import Schema
from engine.host import Host
from engine.operations import Action, Trigger
from engine.recipe.checking.fields import FieldChecker
from engine.recipe.checking.records import records_of
from engine.recipe.checking.scopes import ANYTHING
from engine.recipe.checking.steps import a_kind
from engine.recipe.checking.templates import TemplateChecker
from engine.recipe.checking.uses import UseChecker
from engine.recipe.filters import FilterError
from engine.recipe.filters.dates import find_zone, zone_names, zone_of_place
from engine.recipe.live import connected
from engine.recipe.model import Recipe, TriggerUse
from engine.recipe.schedule.schedule import ScheduleError, is_instant, parse_schedule
from engine.recipe.suggest import nearest
from engine.recipe.texts import Text

#: A cron expression without the word before it.
CRON = re.compile(r"[\d*/,-]+(?: +[\d*/,-]+){2}(?: +[\w*/,#-]+){2}")


class TriggerChecker:
    """Checks the triggers of one recipe.

    :param names: what templates may read; the triggers' records are added.
    """

    def __init__(
        self,
        recipe: Recipe,
        host: Host,
        uses: UseChecker,
        templates: TemplateChecker,
        names: dict[str, Schema],
    ) -> None:
        self.recipe, self.host, self.uses = recipe, host, uses
        self.templates, self.findings, self.names = templates, templates.findings, names

    def check(self) -> None:
        for use in self.recipe.triggers:
            self.one(use)
        if self.recipe.knows_trigger:
            self.names["trigger"] = _trigger_schema(self.recipe)
        self._one_webhook_a_connection()

    def one(self, use: TriggerUse) -> None:
        self.templates.step = "trigger"
        operation = self.uses.operation(use.use, "trigger")
        record = use.record.value
        schema: Schema = ANYTHING
        if isinstance(operation, Action):
            self.findings.about(
                use.use,
                "not-a-trigger",
                f"{operation.full_name} is {a_kind(operation)} and can't start a recipe.",
                self.uses.others(operation.connector, triggers=True),
                step="trigger",
            )
        elif operation is not None:
            self.templates.absent[record] = "A trigger's fields are read before there is a record."
            operation = connected(self.host, operation, use.connection_name, use.fields)
            FieldChecker(
                self.findings, self.templates, operation, "trigger", account=use.connection_name
            ).check(use.fields, self.names, use.use.position)
            self.templates.absent.pop(record)
            self.uses.connection(operation, use.connection, use.use, "trigger")
            schema = records_of(
                self.host, operation, use.fields, self.recipe.path.parent, use.connection_name
            )
        self._schedule(use.schedule, use.jitter)
        if isinstance(operation, Trigger):
            self._webhook(use.schedule, operation)
        self._time_zone(use.timezone)
        self.templates.step = ""
        other = self.names.get(record)  # two triggers may call their records alike
        self.names[record] = schema if other is None else {"anyOf": [other, schema]}

    def _one_webhook_a_connection(self) -> None:
        """Add a finding for a second webhook of one connection: it has one address."""
        told: dict[str, TriggerUse] = {}
        for use in self.recipe.triggers:
            try:
                instant = is_instant(use.schedule.value)
            except ScheduleError:
                continue
            first = told.setdefault(use.connection_name, use) if instant else use
            if first is not use:
                self.findings.about(
                    use.schedule,
                    "second-webhook",
                    f"'{use.connection_name}' tells this recipe of '{first.id.value}' already, and "
                    "has one webhook for each recipe.",
                    "Give one of the two a schedule, e.g. `every 15 minutes`, or a recipe of its "
                    "own.",
                    step="trigger",
                )

    def _schedule(self, schedule: Text, jitter: timedelta) -> None:
        try:
            interval = parse_schedule(schedule.value).interval
            if interval and jitter >= interval:
                self.findings.about(
                    schedule,
                    "bad-jitter",
                    "The jitter is as long as the time between two runs.",
                    "Make it shorter, or leave it out.",
                    step="trigger",
                )
        except ScheduleError as error:
            if "{{" in schedule.value:
                self.findings.about(
                    schedule,
                    "bad-schedule",
                    "A schedule can't be a template: it is the same for all records.",
                    "Write it out, e.g. `every day at 20:30`.",
                    step="trigger",
                )
                return
            place = schedule.value.lower().find(error.word)
            better = error.better
            if CRON.fullmatch(schedule.value):
                self.findings.about(
                    schedule,
                    "bad-schedule",
                    "A cron expression says that it is one.",
                    step="trigger",
                    better=f"{{cron: {schedule.value}}}",
                )
                return
            self.findings.add(
                schedule.at(max(place, 0)),
                "bad-schedule",
                error.message,
                hint=error.hint,
                corrected=self.findings.with_word(schedule.position, schedule.value, better)
                if better
                else "",
                step="trigger",
            )

    def _webhook(self, schedule: Text, trigger: Trigger) -> None:
        connector = self.host.connectors[trigger.connector]
        if trigger.name in connector.webhooks or not is_instant(schedule.value):
            return
        able = ", ".join(f"{connector.name}.{name}" for name in connector.webhooks)
        self.findings.about(
            schedule,
            "no-webhook",
            f"{trigger.full_name} can't be told at once: it has no webhook.",
            "Write e.g. `every 15 minutes` instead." + (f" These can: {able}." if able else ""),
            step="trigger",
        )

    def _time_zone(self, zone: Text) -> None:
        try:
            find_zone(zone.value)
        except FilterError as error:
            near = zone_of_place(zone.value) or nearest(zone.value, zone_names(), likeness=0.75)
            self.findings.add(
                zone.position,
                "unknown-time-zone",
                error.message,
                hint=f"Did you mean '{near}'?" if near else error.hint,
                corrected=self.findings.with_word(zone.position, zone.value, near) if near else "",
                step="trigger",
            )


def _trigger_schema(recipe: Recipe) -> Schema:
    ids = [use.id.value for use in recipe.triggers]
    return {
        "type": "object",
        "properties": {"id": {"type": "string", "enum": ids}},
        "additionalProperties": False,
    }
