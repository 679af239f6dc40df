"""``new recipe`` asks a few questions and writes a recipe that can be run."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.cli.asking import ask_schedule, ask_value, choose, example, in_words, label
from engine.cli.workspace import Workspace, with_workspace

if TYPE_CHECKING:
    from engine.operations import Action, Trigger
    from engine.recipe.draft.matching import Source
    from engine.recipe.schema.fields import FieldLine
    from engine.recipe.texts import FieldSet

#: What a file's rows have besides their columns.
ROW_ITSELF = ("key", "line")
#: Columns that most likely tell rows apart.
TELLING_APART = frozenset({"id", "number", "key", "code", "reference", "email", "e_mail", "mail"})
#: Schedules to choose from; the last one asks for words.
SCHEDULES = (
    ("Every evening", "every day at 20:30"),
    ("Every 15 minutes", "every 15 minutes"),
    ("Only when somebody starts it", "manual"),
    ("Another time, in words", ""),
)


@click.command(short_help="Make a recipe by answering questions.")
@click.argument("what", metavar="recipe", type=click.Choice(["recipe"]))
@click.option("--from", "trigger", help="Where records come from, e.g. clio.matter_changed.")
@click.option("--to", "action", help="What is done with them, e.g. mailchimp.upsert_members.")
@click.option("--name", help="The recipe's title.")
@with_workspace
def new(
    workspace: Workspace, what: str, trigger: str | None, action: str | None, name: str | None
) -> None:
    """Ask where records come from and where they go, and write the recipe.

    Press Enter to take what stands in brackets. Nothing is sent: look at the recipe first.
    """
    from engine.cli.output import say
    from engine.recipe.draft.writing import as_text, free_path
    from engine.recipe.editing.writing import write_whole

    interview = _Interview(workspace)
    draft = interview.draft(trigger, action, name)
    path = free_path(workspace.recipes, draft.title)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, as_text(draft))
    findings = _findings(workspace, path)
    say(f"\n'{path}' is written. Look at it, or change it, with any editor.")
    for finding in findings:
        say(finding)
    option = workspace.option
    stem = path.stem
    say("\nWhat comes next:")
    for connector in interview.to_connect:
        say(f"  bridgework connections add {connector} --connector {connector}{option}")
    say(f"  bridgework check {stem}{option}              finds mistakes")
    say(f"  bridgework run {stem} --preview{option}      shows what would happen, sends nothing")
    say(f"  bridgework run {stem}{option}                runs it once")
    say(f"  bridgework recipes enable {stem}{option}     lets `bridgework serve` run it by itself")


class _Interview:
    """Asks what a recipe needs to know."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace, self.host = workspace, workspace.host
        self.there = workspace.connection_names()
        self.to_connect: list[str] = []
        self.labels: dict[str, str] = {}  # what people call what was chosen from an app

    def draft(self, trigger_name: str | None, action_name: str | None, title: str | None) -> Any:
        """Ask, and return the draft."""
        from engine.local_time import local_place
        from engine.recipe.draft.writing import Draft

        trigger = self._operation("Where do the records come from?", self._triggers(), trigger_name)
        source_connection = self._connection(trigger)
        given = self._trigger_fields(trigger, source_connection)
        action = self._operation(
            f"What is to be done with each {trigger.noun.one}?", self._actions(), action_name
        )
        target_connection = self._connection(action)
        record = re.sub(r"\W+", "_", trigger.noun.one).strip("_").lower() or "record"
        fields, later = self._fields(trigger, given, action, record, target_connection)
        step = re.sub(r"\W+", "_", action.noun.one).strip("_").lower()
        step = action.name if step in ("", record) else step
        app = self.host.connectors[trigger.connector].title
        there = self.host.connectors[action.connector].title
        many = f"{app} {trigger.noun.many} become {there} {action.noun.many}"
        schedule = self._schedule()
        return Draft(
            title=title or click.prompt("What is the recipe called?", default=many, err=True),
            description=f"Each {trigger.noun.one} of {app} becomes a {action.noun.one} in {there}.",
            trigger=trigger.full_name,
            trigger_connection=source_connection,
            trigger_fields=given,
            record=record,
            schedule=schedule,
            timezone=local_place().key,
            action=action.full_name,
            action_connection=target_connection,
            step=step,
            key=f"{record}.{trigger.key}" if trigger.key.isidentifier() else "",
            fields=fields,
            later=later,
            labels=self.labels,
        )

    # -- what and where ------------------------------------------------------------------------

    def _triggers(self) -> list["Trigger | Action"]:
        return [t for c in self.host.connectors.values() for t in c.triggers.values()]

    def _actions(self) -> list["Trigger | Action"]:
        found = [a for c in self.host.connectors.values() for a in c.actions.values()]
        return [action for action in found if action.kind != "search"]

    def _operation(
        self, question: str, known: Sequence["Trigger | Action"], given: str | None
    ) -> Any:
        if given is not None:
            found = next((one for one in known if one.full_name == given), None)
            if found is None:
                names = ", ".join(one.full_name for one in known)
                raise click.UsageError(f"There is no {given!r}. There are: {names}.")
            return found
        lines = [f"{self.host.connectors[one.connector].title}: {one.title}" for one in known]
        return known[choose(question, lines)]

    def _connection(self, operation: "Trigger | Action") -> str:
        """Return the connection's name where it must be written; one is named like its app."""
        from engine.auth import NoAuth
        from engine.store.connections import list_connections

        connector = self.host.connectors[operation.connector]
        if isinstance(connector.auth, NoAuth):
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

    def _trigger_fields(self, trigger: "Trigger", connection: str) -> dict[str, str]:
        from engine.recipe.schema.fields import field_lines

        wanted = [line for line in field_lines(trigger.inputs) if line.required]
        while True:
            given = {line.name: self._value(line, trigger, connection) for line in wanted}
            problem, schema = self._looked_at(trigger, given)
            if not problem:
                break
            click.echo(f"  {problem}", err=True)
            if not click.confirm("Name another?", default=True, err=True):
                break
        if "key" in trigger.inputs.get("properties", {}):  # rows of files have no key by nature
            columns = [name for name in schema.get("properties", {}) if name not in ROW_ITSELF]
            if columns:
                question = f"Which field tells one {trigger.noun.one} from another?"
                likely = next((n for n, c in enumerate(columns, 1) if c in TELLING_APART), 1)
                place = choose(question, [*columns, "none of them"], default=likely)
                given |= {"key": columns[place]} if place < len(columns) else {}
        return given

    def _value(self, line: "FieldLine", operation: "Trigger | Action", connection: str) -> str:
        """Let a person say what a field is: by a choice where the app can be asked for them."""
        from engine.errors import BridgeworkError
        from engine.run.picking import has_options, options_of

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

    def _looked_at(self, trigger: "Trigger", given: dict[str, str]) -> tuple[str, Any]:
        """Return what is wrong with what was given, if anything, and what the records hold."""
        from engine.errors import BridgeworkError
        from engine.recipe.checking.records import ask_records

        try:
            return "", ask_records(self.host, trigger, _written(given), self.workspace.recipes)
        except BridgeworkError as error:
            return str(error), {}

    def _schedule(self) -> str:
        chosen = SCHEDULES[choose("When is it to run?", [words for words, _ in SCHEDULES])][1]
        return chosen or ask_schedule()

    # -- fields --------------------------------------------------------------------------------

    def _fields(
        self, trigger: "Trigger", given: dict[str, str], action: "Action", record: str, account: str
    ) -> tuple[dict[str, str], dict[str, str]]:
        """Match the action's fields with the record's; ask where a required one isn't clear."""
        from engine.recipe.checking.scopes import kinds
        from engine.recipe.draft.matching import likely_country, match, sources, template
        from engine.recipe.schema.fields import field_lines

        schema, sample = self._records(trigger, given)
        # A file's rows have a key and a line besides their columns.
        found = [s for s in sources(schema, sample) if s.name not in ROW_ITSELF or s.path[1:]]
        fields: dict[str, str] = {}
        later: dict[str, str] = {}
        country, own = likely_country(), action.parameters.get("properties", {})
        taken: set[str] = set()
        for line in field_lines(action.inputs):
            guess = match(line, found, record, country)
            if line.required and "object" in kinds(line.schema):
                whole = [one for one in found if one.kind != "array" and len(one.path) == 1]
                fields |= {
                    f"{line.name}.{s.name}": template(s, line, record, country) for s in whole
                }
            elif line.required and action.row is not None and line.name in own:
                fields[line.name] = self._value(
                    line, action, account
                )  # one call has it once for all its rows
            elif line.required:
                fields[line.name] = self._required(
                    line, guess, found, record, country, trigger, action, account
                )
            elif guess and guess not in taken:
                fields[line.name] = guess
            elif "additionalProperties" not in line.schema:
                later[line.name] = in_words(line)
            taken.add(fields.get(line.name, ""))
        return fields, later

    def _records(self, trigger: "Trigger", given: dict[str, str]) -> tuple[Any, Any]:
        from engine.recipe.checking.records import records_of

        found = records_of(self.host, trigger, _written(given), self.workspace.recipes)
        return found, trigger.sample

    def _required(
        self,
        line: "FieldLine",
        guess: str,
        found: Sequence["Source"],
        record: str,
        country: str,
        trigger: "Trigger",
        action: "Action",
        account: str,
    ) -> str:
        from engine.recipe.checking.scopes import choices
        from engine.recipe.draft.matching import template

        known = [str(choice) for choice in choices(line.schema)]
        if known:
            return known[choose(f"{label(line)}: which?", known)]
        if guess:
            return guess
        click.echo(
            f"\n{label(line)} is needed. Choose a field of the {trigger.noun.one}:", err=True
        )
        lines = [f"{'.'.join(one.path)}{example(one.sample)}" for one in found]
        lines.append("something else: the same text for all")
        place = choose("", lines, default=None)
        if place < len(found):
            return template(found[place], line, record, country)
        return self._value(line, action, account)


def _written(given: dict[str, str]) -> "FieldSet":
    """Return fields as a recipe that gives them would hold them."""
    from engine.recipe.texts import FieldSet, Text
    from engine.recipe.yaml.source import START

    return FieldSet({(name,): Text(value, START) for name, value in given.items()})


def _findings(workspace: Workspace, path: Path) -> list[str]:
    from engine.recipe.checking.check import check_file

    return [finding.as_text() for finding in check_file(path, workspace.host)]
