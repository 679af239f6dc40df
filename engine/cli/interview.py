"""The questions of ``new recipe``: where records come from, where they go, and what isn't clear."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import click

from engine.cli.asking import ask_schedule, ask_value, choose, example, in_words, label
from engine.cli.workspace import Workspace
from engine.errors import BridgeworkError
from engine.local_time import local_place
from engine.operations import Action, Trigger
from engine.recipe.checking.records import ask_records, records_of
from engine.recipe.draft.drafting import Matching, Proposal, telling_columns, words_for
from engine.recipe.draft.writing import Draft
from engine.recipe.schema.fields import FieldLine, field_lines
from engine.recipe.texts import FieldSet, Text
from engine.recipe.yaml.source import START
from engine.run.connections.choices import has_options, options_of
from engine.store.connections import list_connections

#: Schedules to choose from; the last one asks for words.
SCHEDULES = (
    ("Every evening", "every day at 20:30"),
    ("Every 15 minutes", "every 15 minutes"),
    ("Only when somebody starts it", "manual"),
    ("Another time, in words", ""),
)

Operation = TypeVar("Operation", Trigger, Action)


class Interview:
    """Asks what a recipe needs to know."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.host = workspace, workspace.host
        self.there = workspace.connection_names()
        self.to_connect: list[str] = []
        self.labels: dict[str, str] = {}  # what people call what was chosen from an app

    def draft(self, trigger_name: str | None, action_name: str | None, title: str | None) -> Draft:
        """Ask, and return the draft."""
        connectors = self.host.connectors.values()
        triggers = [trigger for one in connectors for trigger in one.triggers.values()]
        trigger = self._operation("Where do the records come from?", triggers, trigger_name)
        source_connection = self._connection(trigger)
        account = source_connection or trigger.connector
        given = self._trigger_fields(trigger, source_connection)
        actions = [a for one in connectors for a in one.actions.values() if a.kind != "search"]
        question = f"What is to be done with each {trigger.noun.one}?"
        action = self._operation(question, actions, action_name)
        target_connection = self._connection(action)
        words = words_for(self.host, trigger, action)
        schema = records_of(self.host, trigger, _written(given), self.workspace.recipes, account)
        matching = Matching(schema, trigger.sample, action, words.record)
        fields, later = self._fields(matching, trigger.noun.one, target_connection)
        schedule = self._schedule()
        return Draft(
            title=title or click.prompt("What is the recipe called?", words.title, err=True),
            description=words.description,
            trigger=trigger.full_name,
            trigger_connection=source_connection,
            trigger_fields=given,
            record=words.record,
            schedule=schedule,
            timezone=local_place().key,
            action=action.full_name,
            action_connection=target_connection,
            step=words.step,
            key=f"{words.record}.{trigger.key}" if trigger.key.isidentifier() else "",
            fields=fields,
            later=later,
            labels=self.labels,
        )

    # -- what and where ------------------------------------------------------------------------

    def _operation(self, question: str, known: Sequence[Operation], given: str | None) -> Operation:
        if given is not None:
            found = next((one for one in known if one.full_name == given), None)
            if found is None:
                names = ", ".join(one.full_name for one in known)
                raise click.UsageError(f"There is no {given!r}. There are: {names}.")
            return found
        lines = [f"{self.host.connectors[one.connector].title}: {one.title}" for one in known]
        return known[choose(question, lines)]

    def _connection(self, operation: Trigger | Action) -> str:
        """Return the connection's name where it must be written; one is named like its app."""
        connector = self.host.connectors[operation.connector]
        if not connector.needs_connection:
            return ""
        mine = []
        if not self.workspace.is_new:
            found = list_connections(self.workspace.store)
            mine = [one.name for one in found if one.connector == connector.name]
        if len(mine) > 1:
            return mine[choose(f"Which account of {connector.title}?", mine)]
        if not mine and connector.name not in self.to_connect:
            self.to_connect.append(connector.name)
        return mine[0] if mine else connector.name

    def _trigger_fields(self, trigger: Trigger, connection: str) -> dict[str, str]:
        wanted = [line for line in field_lines(trigger.inputs) if line.required]
        while True:
            given = {line.name: self._value(line, trigger, connection) for line in wanted}
            problem, schema = self._looked_at(trigger, given, connection)
            if not problem:
                break
            click.echo(f"  {problem}", err=True)
            if not click.confirm("Name another?", default=True, err=True):
                break
        columns, likely = telling_columns(trigger, schema)
        if columns:
            question = f"Which field tells one {trigger.noun.one} from another?"
            place = choose(question, [*columns, "none of them"], default=likely + 1)
            given |= {"key": columns[place]} if place < len(columns) else {}
        return given

    def _value(self, line: FieldLine, operation: Trigger | Action, connection: str) -> str:
        """Let a person say what a field is: by a choice where the app can be asked for them."""
        field = f"{operation.full_name}.{line.name}"
        connected = connection and connection in (self.there or ())
        if connected and has_options(self.host, field):
            try:
                found = options_of(self.workspace.store, self.host, field, connection)
            except BridgeworkError as error:
                click.echo(f"  {error}", err=True)
            else:
                if found:
                    chosen = found[choose(label(line), [one.label for one in found])]
                    if chosen.label != chosen.value:
                        self.labels[line.name] = chosen.label
                    return chosen.value
        return ask_value(line)

    def _looked_at(
        self, trigger: Trigger, given: Mapping[str, str], connection: str
    ) -> tuple[str, Mapping[str, Any]]:
        """Return what is wrong with what was given, if anything, and what the records hold."""
        try:
            account = connection or trigger.connector
            folder = self.workspace.recipes
            return "", ask_records(self.host, trigger, _written(given), folder, account)
        except BridgeworkError as error:
            return str(error), {}

    def _schedule(self) -> str:
        chosen = SCHEDULES[choose("When is it to run?", [words for words, _ in SCHEDULES])][1]
        return chosen or ask_schedule()

    # -- fields --------------------------------------------------------------------------------

    def _fields(
        self, matching: Matching, noun: str, connection: str
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Return the action's fields and those for later; ask where a required one isn't clear."""
        fields: dict[str, str] = {}
        later: dict[str, str] = {}
        for proposal in matching.proposals():
            line = proposal.line
            if proposal.asks:
                fields[line.name] = self._asked(matching, proposal, noun, connection)
            elif proposal.fields:
                fields |= proposal.fields
            elif "additionalProperties" not in line.schema:
                later[line.name] = in_words(line)
        return fields, later

    def _asked(self, matching: Matching, proposal: Proposal, noun: str, connection: str) -> str:
        line, choices = proposal.line, proposal.choices
        if choices:
            return choices[choose(f"{label(line)}: which?", choices)]
        if not proposal.same_for_all:
            click.echo(f"\n{label(line)} is needed. Choose a field of the {noun}:", err=True)
            lines = [f"{'.'.join(s.path)}{example(s.sample)}" for s in matching.sources]
            place = choose("", [*lines, "something else: the same text for all"], default=None)
            if place < len(lines):
                return matching.chosen(matching.sources[place], line)
        return self._value(line, matching.action, connection)


def _written(given: Mapping[str, str]) -> FieldSet:
    """Return fields as a recipe that gives them would hold them."""
    return FieldSet({(name,): Text(value, START) for name, value in given.items()})
