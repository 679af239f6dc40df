"""Checks a connector against a real account: what its practice server can't know.

Nothing is changed at the app unless actions are asked for. What was seen is told by names of fields
and by keys, never whole records.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Protocol

import httpx2

from engine.authoring.checking import Verdict
from engine.authoring.live_looks import (
    MOST_RECORDS,
    fetched_wrong,
    nonsense_for,
    operations_of,
    pickers_of,
    read_again_wrong,
)
from engine.authoring.live_verdicts import count, left_out, made
from engine.calls import call_batch, call_single, guarded, read_trigger
from engine.connector import Connector
from engine.context import Context, Folders
from engine.drift.differences import differences
from engine.drift.shape import shape_of
from engine.errors import InputError
from engine.fields import Record, Schema
from engine.fitting import misfit
from engine.http.accounts import ask_account
from engine.http.client import HttpClient, HttpSession
from engine.http.contexts import context_for
from engine.http.sessions import IMPATIENT, open_session
from engine.operations import Action, Operation, Trigger
from engine.parameters import named
from engine.results import Accepted, BadRecord, Rejected, RowResult
from engine.run.moments import moment
from engine.store.connections import Connection
from engine.store.database import Store

#: Choices of a field that are looked at.
MOST_OPTIONS = 50


@dataclass(frozen=True)
class LiveCheck:
    """A real account, and what is tried there.

    :param values: by operation: its fields, where they differ from an account's own.
    :param writes: actions that may be done, by name.
    :param now: the moment all of it counts as done at.
    :param schemas: of records, as the account itself tells them; filled on the way.
    """

    connector: Connector
    connection: Connection
    values: Mapping[str, Record] = field(default_factory=dict)
    writes: frozenset[str] = frozenset()
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    schemas: list[Schema] = field(default_factory=list)


def check_live(
    live: LiveCheck,
    *,
    store: Store | None = None,
    transport: httpx2.BaseTransport | None = None,
    heard: "Listener | None" = None,
) -> Iterator[Verdict]:
    """Make the checks, one after the other; each verdict comes as soon as it is there.

    :param store: where renewed tokens are kept; None where the answers are recorded ones.
    :param transport: instead of the network.
    :param heard: keeps what goes over the line, besides.
    """
    with open_session(
        live.connector, live.connection, store=store, transport=transport, retry=IMPATIENT
    ) as session:
        if heard is not None:
            heard.listen(session.client)
        line = _Line(live, session)
        if live.connector.needs_connection:
            account = line.account()
            yield account
            if not account.passed:
                return
        for operation in operations_of(live.connector):
            yield from line.options(operation)
        for trigger in live.connector.triggers.values():
            yield from line.trigger(trigger)
        for action in live.connector.actions.values():
            if action.kind == "search":
                yield line.search(action)
            elif action.name in live.writes:
                yield line.action(action)


class Listener(Protocol):
    """Keeps what goes over the line."""

    def listen(self, client: httpx2.Client) -> None: ...


class _Line:
    """What the checks of one account share."""

    def __init__(self, live: LiveCheck, session: HttpSession) -> None:
        self.live, self.session = live, session
        self._choices: dict[Any, list[str]] = {}

    def account(self) -> Verdict:
        about = "The connection works, and says whose it is."
        return made("the_connection_works", "", about, self._account)

    def _account(self) -> str:
        label = ask_account(self.live.connector, self._context(None)).label
        return "" if label.strip() else "The check returned no label to show beside the connection."

    # -- choices ---------------------------------------------------------------------------------

    def options(self, operation: Trigger | Action) -> Iterator[Verdict]:
        about = "The choices of a field can be read."
        for name, options in pickers_of(operation):
            if options not in self._choices:
                look = partial(self._options, options, operation)
                yield made("choices_can_be_read", f"{operation.name}.{name}", about, look)

    def _options(self, options: Callable[..., Any], operation: Operation) -> str:
        self._choices[options] = []
        with guarded(operation.connector, operation.name):
            found = list(islice(options(self._context(None)), MOST_OPTIONS))
        self._choices[options] = [str(one.value) for one in found]
        wrong = [one for one in found if not str(one.value) or not str(one.label).strip()]
        return "A choice has no value or no label." if wrong else ""

    # -- triggers --------------------------------------------------------------------------------

    def trigger(self, trigger: Trigger) -> Iterator[Verdict]:
        parameters, missing = self._parameters(trigger)
        if missing:
            yield left_out(trigger, missing)
            return
        context = self._context(trigger)
        records: list[Record] = []

        def read() -> str:
            items = islice(read_trigger(trigger, context, parameters, None), MOST_RECORDS)
            records.extend(one for one in items if not isinstance(one, BadRecord))
            keys = [str(one.get(trigger.key) or "") for one in records]
            if "" in keys:
                return f"A record has no {trigger.key!r}, which is its key."
            twice = next((key for key in keys if keys.count(key) > 1), None)
            return f"Two records have the {trigger.key} {twice}." if twice is not None else ""

        about = "Records can be read, each with a key of its own."
        first = made("records_have_unique_keys", trigger.name, about, read)
        yield replace(first, message=first.message or count(records))
        if not first.passed or not records:
            return
        yield self._fields(trigger, context, parameters, records)
        if trigger.fetch is not None:
            about = "A record can be read afresh by its key."
            yield made(
                "a_record_can_be_fetched",
                trigger.name,
                about,
                lambda: fetched_wrong(trigger, context, parameters, records[0]),
            )
        if trigger.cursor is not None:
            yield self._cursors(trigger, records)
            about = "A second read brings nothing but what changed since."
            yield made(
                "nothing_new_since_the_last_cursor",
                trigger.name,
                about,
                lambda: read_again_wrong(trigger, context, parameters, records),
            )

    def _fields(
        self, trigger: Trigger, context: Context, parameters: Record, records: list[Record]
    ) -> Verdict:
        def compare() -> str:
            schema: Schema = trigger.result
            if trigger.schema is not None:
                with guarded(trigger.connector, trigger.name):
                    schema = trigger.schema(context, **named(trigger.schema, parameters))
                self.live.schemas.append(schema)
            breaks = [one for one in differences(schema, shape_of(records)) if one.breaks]
            if breaks:
                return " ".join(one.sentence for one in breaks[:5])
            problems = (misfit(record, schema).partition(":")[0] for record in records)
            found = next((problem for problem in problems if problem), "")
            return f"A record breaks its schema at {found}." if found else ""

        about = "Records have the fields that are declared, of the declared types."
        return made("records_fit_their_schema", trigger.name, about, compare)

    def _cursors(self, trigger: Trigger, records: list[Record]) -> Verdict:
        def look() -> str:
            assert trigger.cursor is not None
            moments = [moment(one.get(trigger.cursor)) for one in records]
            if None in moments:
                key = records[moments.index(None)].get(trigger.key)
                return f"The record {key} has no moment in {trigger.cursor!r}."
            known = [one for one in moments if one is not None]
            back = any(later < earlier for earlier, later in pairwise(known))
            if trigger.sorted and back:
                return "It says that it is sorted, but the cursor goes back between two records."
            return ""

        about = "The cursor of every record is a moment, and never goes back where it must not."
        return made("records_have_cursors", trigger.name, about, look)

    # -- searches and actions --------------------------------------------------------------------

    def search(self, action: Action) -> Verdict:
        values = dict(self.live.values.get(action.name, {}))
        fields = action.inputs.get("properties", {})
        pickers = dict(pickers_of(action))
        for name in action.inputs.get("required", ()):
            choices = self._choices.get(pickers.get(name), [])
            if name not in values:
                values[name] = choices[0] if choices else nonsense_for(fields[name])

        def look() -> str:
            try:
                found = call_single(action, self._context(action), values)
            except InputError:
                return ""  # it refused to look for such a thing
            given = action.name in self.live.values
            if isinstance(found, Accepted) and not given:
                return f"It found something ({found.target_id}) for what nobody has."
            return ""

        about = "A search finds nothing for what nobody has."
        return made("searches_find_nothing_for_nonsense", action.name, about, look)

    def action(self, action: Action) -> Verdict:
        values = self._example(action)
        about = "The example row is taken."

        def send() -> str:
            key = f"live-{self.live.now.timestamp():.0f}"
            context = replace(self._context(action), key=key, idempotency_key=key)
            own = action.parameters.get("properties", {})
            result: RowResult | None
            if action.kind == "batch":
                parameters = {n: v for n, v in values.items() if n in own}
                row = {n: v for n, v in values.items() if n not in own}
                keys = (key,) if action.once else ()
                context = replace(context, idempotency_keys=keys)
                [result] = call_batch(action, context, parameters, [row])
            else:
                result = call_single(action, context, values)
            return f"It was refused: {result.reason}" if isinstance(result, Rejected) else ""

        return made("an_example_is_taken", action.name, about, send)

    def _example(self, action: Action) -> Record:
        function = self.live.connector.examples_function
        values: Record = {}
        if function is not None:
            examples = function()
            for by_name in (examples.parameters,):
                values |= by_name.get(action.name, by_name.get(action.full_name, {}))
            rows = examples.rows.get(action.name, examples.rows.get(action.full_name, ()))
            values |= rows[0] if rows else {}
        return {**values, **self.live.values.get(action.name, {})}

    # -- parts -----------------------------------------------------------------------------------

    def _parameters(self, operation: Trigger) -> tuple[Record, str]:
        """Return what a trigger is read with: as given, else the first choice; and what is missing."""
        values = dict(self.live.values.get(operation.name, {}))
        pickers = dict(pickers_of(operation))
        for name in operation.inputs.get("required", ()):
            if name in values:
                continue
            choices = self._choices.get(pickers.get(name), [])
            if not choices:
                return values, name
            values[name] = choices[0]
        return values, ""

    def _context(self, operation: Trigger | Action | None) -> Context:
        repeatable = not isinstance(operation, Action) or operation.idempotent
        return context_for(
            self.live.connector,
            self.live.connection,
            HttpClient(self.session, idempotent=repeatable),
            self.live.now,
            folders=Folders(search=(Path.cwd(),)),
        )
