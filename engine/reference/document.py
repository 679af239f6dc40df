"""A connector as a document: all that people need to know of it before they use it."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from engine.connector import Connector
from engine.http.settings import (
    LOG_IN,
    TOKENS,
    required_settings,
    secret_settings,
    setting_schemas,
)
from engine.operations import Action, Operation, Trigger
from engine.recipe.gallery import Example
from engine.recipe.schema.fields import field_lines
from engine.reference.readme import Readme, readme_of
from engine.reference.snippets import only_instant, snippet
from engine.reference.words import (
    RecordField,
    about,
    kind_of,
    limits,
    record_fields,
    when_unanswered,
)

#: A link in Markdown: its words, then where it leads.
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class InputField:
    """A field that a person fills in: of a connection, or of an operation under ``with:``."""

    name: str
    kind: str
    about: str
    required: bool
    secret: bool = False


@dataclass(frozen=True)
class Way:
    """A way to log in, with what it asks for; its title is empty where there is one only."""

    title: str
    help: str
    settings: tuple[InputField, ...]


@dataclass(frozen=True)
class OperationPage:
    """One operation.

    :param kind: ``trigger``, ``action`` or ``search``.
    :param notes: how it behaves: at once, what is known by what, what happens when an answer is lost.
    :param gives: the fields of its records.
    :param declared: whether these are declared; else they are known from the sample alone.
    :param sample: a record as JSON; empty without one.
    :param snippet: as a recipe writes it.
    """

    name: str
    full_name: str
    title: str
    kind: str
    help: str
    notes: tuple[str, ...]
    fields: tuple[InputField, ...]
    gives: tuple[RecordField, ...]
    declared: bool
    sample: str
    snippet: str
    instant: bool

    @property
    def summary(self) -> str:
        return " ".join(self.help.partition("\n\n")[0].split())


@dataclass(frozen=True)
class ConnectorPage:
    """A connector.

    :param examples: recipes that came with Bridgework and use it.
    """

    name: str
    title: str
    experimental: str
    readme: Readme
    needs_connection: bool
    practice: bool
    ways: tuple[Way, ...]
    limits: str
    triggers: tuple[OperationPage, ...]
    actions: tuple[OperationPage, ...]
    searches: tuple[OperationPage, ...]
    examples: tuple[Example, ...]

    @property
    def purpose(self) -> str:
        """What it is for, in its first paragraph; a link is its words alone."""
        first = " ".join(self.readme.purpose.partition("\n\n")[0].split())
        return LINK.sub(r"\1", first)

    @property
    def groups(self) -> tuple[tuple[str, tuple[OperationPage, ...]], ...]:
        """Its operations by kind; kinds it has none of are left out."""
        every = (
            ("Triggers", self.triggers),
            ("Actions", self.actions),
            ("Searches", self.searches),
        )
        return tuple((heading, found) for heading, found in every if found)

    @property
    def operations(self) -> tuple[OperationPage, ...]:
        return (*self.triggers, *self.actions, *self.searches)

    @property
    def instant(self) -> bool:
        return any(trigger.instant for trigger in self.triggers)


def describe(connector: Connector, examples: Sequence[Example] = ()) -> ConnectorPage:
    """Return what a connector's declarations, and its README if there is one, say of it.

    :param examples: recipes to begin with; those that use it are on its page.
    """
    actions = connector.actions.values()
    return ConnectorPage(
        name=connector.name,
        title=connector.title,
        experimental=connector.experimental,
        readme=readme_of(connector),
        needs_connection=connector.needs_connection,
        practice=connector.practice_function is not None,
        ways=_ways(connector),
        limits=limits(connector),
        triggers=tuple(_operation(connector, one) for one in connector.triggers.values()),
        actions=tuple(_operation(connector, one) for one in actions if one.kind != "search"),
        searches=tuple(_operation(connector, one) for one in actions if one.kind == "search"),
        examples=tuple(example for example in examples if connector.name in example.apps),
    )


def _ways(connector: Connector) -> tuple[Way, ...]:
    if not connector.may_have_connection:
        return ()
    return tuple(
        Way(
            connector.log_ins[name].title if name else "",
            connector.log_ins[name].help if name else "",
            _settings(way),
        )
        for name, way in connector.ways.items()
    )


def _settings(way: Connector) -> tuple[InputField, ...]:
    required, secret = required_settings(way), secret_settings(way)
    return tuple(
        InputField(name, kind_of(schema), about(schema), name in required, name in secret)
        for name, schema in setting_schemas(way).items()
        if name not in (LOG_IN, *TOKENS)
    )


def _operation(connector: Connector, operation: Trigger | Action) -> OperationPage:
    trigger = isinstance(operation, Trigger)
    return OperationPage(
        name=operation.name,
        full_name=operation.full_name,
        title=operation.title,
        kind="trigger" if trigger else "search" if _looks(operation) else "action",
        help=operation.help,
        notes=tuple(_notes(connector, operation)),
        fields=tuple(
            InputField(line.name, kind_of(line.schema), about(line.schema), line.required)
            for line in field_lines(operation.inputs)
        ),
        gives=tuple(record_fields(operation.result)),
        declared=bool(operation.result.get("required")),
        sample=_sample(operation),
        snippet=snippet(connector, operation),
        instant=trigger and operation.name in connector.webhooks,
    )


def _looks(operation: Operation) -> bool:
    return isinstance(operation, Action) and operation.kind == "search"


def _sample(operation: Operation) -> str:
    if not operation.sample:
        return ""
    return json.dumps(operation.sample, indent=2, ensure_ascii=False, default=str)


def _notes(connector: Connector, operation: Trigger | Action) -> list[str]:
    found = []
    if isinstance(operation, Trigger):
        if operation.name in connector.webhooks:
            found.append(
                "It only starts at once, when something is sent: `schedule: instant`."
                if only_instant(connector, operation)
                else "It can start at once, by a webhook: `schedule: instant`."
            )
        elif operation.takes_since:
            found.append("It is asked by the clock for what changed since the last time.")
        found.append(f"Two records are told apart by `{operation.key}`.")
        if operation.upload is not None:
            found.append("People can upload a file for it.")
    else:
        if operation.kind == "batch":
            found.append(f"Up to {operation.size:,} {operation.noun.many} go in one request.")
        if operation.kind == "search":
            found.append("It changes nothing at the app.")
        elif operation.idempotent:
            found.append("Sent twice, it does no harm.")
        if operation.updates:
            found.append("When the same record comes again, it changes what it made before.")
        if words := when_unanswered(operation):
            found.append(words)
    if operation.live_functions or operation.schema is not None:
        found.append("Further fields are known once it is connected, or once a file is there.")
    return found
