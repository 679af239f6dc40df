"""What a draft says without asking anybody: its words, and the fields that fill themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.host import Host
from engine.operations import Action, Trigger
from engine.recipe.checking.scopes import choices, kinds, result_of
from engine.recipe.draft.matching import Source, likely_country, match, sources, template
from engine.recipe.draft.writing import Draft
from engine.recipe.schema.fields import FieldLine, field_lines

#: What a file's rows have besides their columns.
ROW_ITSELF = ("key", "line")
#: Columns that most likely tell rows apart.
TELLING_APART = frozenset({"id", "number", "key", "code", "reference", "email", "e_mail", "mail"})


@dataclass(frozen=True)
class Words:
    """What a draft calls itself, its records and its step.

    :param title: a proposal.
    """

    title: str
    description: str
    record: str
    step: str


def words_for(host: Host, trigger: Trigger, action: Action) -> Words:
    """Return the words of a recipe in which each record of a trigger is sent by an action."""
    app = host.connectors[trigger.connector].title
    there = host.connectors[action.connector].title
    record = _name(trigger.noun.one) or "record"
    step = _name(action.noun.one)
    return Words(
        title=f"{app} {trigger.noun.many} become {there} {action.noun.many}",
        description=f"Each {trigger.noun.one} of {app} becomes a {action.noun.one} in {there}.",
        record=record,
        step=action.name if step in ("", record) else step,
    )


def telling_columns(trigger: Trigger, schema: Mapping[str, Any]) -> tuple[list[str], int]:
    """Return the columns that may tell a file's rows apart, and the place of the likeliest.

    Empty for records that have a key by nature.
    """
    if "key" not in trigger.inputs.get("properties", {}):
        return [], 0
    columns = [name for name in schema.get("properties", {}) if name not in ROW_ITSELF]
    return columns, next((n for n, name in enumerate(columns) if name in TELLING_APART), 0)


@dataclass(frozen=True)
class Proposal:
    """What a draft does about one field of the action.

    :param fields: what fills it by itself, by dotted name; empty: nothing does.
    :param asks: somebody has to say what goes into it.
    :param choices: the values it may have, where it has but a few.
    :param same_for_all: one call has it once for all its rows.
    """

    line: FieldLine
    fields: Mapping[str, str] = field(default_factory=dict)
    asks: bool = False
    choices: Sequence[str] = ()
    same_for_all: bool = False


class Matching:
    """Fields of a trigger's records, put into the fields of an action.

    :param schema: of the records; ``sample`` is one of them.
    :param record: what templates call a record.
    """

    def __init__(self, schema: Mapping[str, Any], sample: Any, action: Action, record: str) -> None:
        # A file's rows have a key and a line besides their columns.
        found = sources(schema, sample)
        self.sources = [s for s in found if s.name not in ROW_ITSELF or s.path[1:]]
        self.action = action
        self._record, self._country = record, likely_country()
        self._taken: set[str] = set()

    def proposals(self) -> Iterator[Proposal]:
        """Yield what is to be done about each of the action's fields; no two get the same guess."""
        own = self.action.parameters.get("properties", {}) if self.action.row is not None else {}
        for line in field_lines(self.action.inputs):
            if line.required and "object" in kinds(line.schema):
                whole = [s for s in self.sources if s.kind != "array" and len(s.path) == 1]
                yield Proposal(
                    line, {f"{line.name}.{s.name}": self._template(s, line) for s in whole}
                )
            elif line.required and line.name in own:
                yield Proposal(line, asks=True, same_for_all=True)
            elif line.required and (known := [str(choice) for choice in choices(line.schema)]):
                yield Proposal(line, asks=True, choices=known)
            else:
                guess = match(line, self.sources, self._record, self._country)
                fits = guess and (line.required or guess not in self._taken)
                self._taken.add(guess)
                if fits:
                    yield Proposal(line, {line.name: guess})
                else:
                    yield Proposal(line, asks=line.required)

    def chosen(self, source: Source, line: FieldLine) -> str:
        """Return the template that puts the source somebody chose into a field of the action."""
        written = self._template(source, line)
        self._taken.add(written)
        return written

    def _template(self, source: Source, line: FieldLine) -> str:
        return template(source, line, self._record, self._country)


def draft_alone(
    host: Host,
    trigger: Trigger,
    action: Action,
    *,
    connections: Mapping[str, str],
    timezone: str,
) -> Draft:
    """Return a draft that asks nobody: what only a person can say is left out, and told as such.

    :param connections: by connector, the one to work with; missing: it needs none.
    """
    words = words_for(host, trigger, action)
    matching = Matching(result_of(trigger), trigger.sample, action, words.record)
    fields: dict[str, str] = {}
    later: dict[str, str] = {}
    for proposal in matching.proposals():
        fields |= proposal.fields
        if not proposal.fields:
            about = str(proposal.line.schema.get("title") or proposal.line.name)
            known = ", ".join(str(choice) for choice in choices(proposal.line.schema))
            told = f"{about}: {known}" if known else about
            later[proposal.line.name] = f"(needed) {told}" if proposal.asks else told
    return Draft(
        title=words.title,
        description=words.description,
        trigger=trigger.full_name,
        trigger_connection=connections.get(trigger.connector, ""),
        record=words.record,
        schedule="manual",
        timezone=timezone,
        action=action.full_name,
        action_connection=connections.get(action.connector, ""),
        step=words.step,
        key=f"{words.record}.{trigger.key}" if trigger.key.isidentifier() else "",
        fields=fields,
        later=later,
    )


def _name(noun: str) -> str:
    return re.sub(r"\W+", "_", noun).strip("_").lower()
