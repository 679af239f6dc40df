"""Asking apps for the fields that only they know, and keeping what they said for checks offline."""

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

import httpx2

from engine.calls import guarded
from engine.connector import Connector
from engine.errors import BridgeworkError, RecipeError
from engine.fields import Schema
from engine.host import Host
from engine.http.client import HttpClient
from engine.http.contexts import context_for
from engine.http.sessions import IMPATIENT, connection_for, open_session
from engine.live import ReadFields
from engine.recipe.checking.check import check_recipe
from engine.recipe.findings import NO_SUCH_CHOICE
from engine.recipe.library import Library
from engine.recipe.live import Question, asks_for_nothing, functions_of, questions_of
from engine.recipe.model import Recipe
from engine.redaction import redact
from engine.run.plan import Transports
from engine.run.upkeep.duties import Works
from engine.store import runs
from engine.store.connections import get_connection, list_connections
from engine.store.database import Store
from engine.store.live import StoredFields, fields_of, keep_fields

log = logging.getLogger("bridgework.connections")

#: Fields that were read longer ago are read afresh when a run begins.
FRESH = timedelta(days=1)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Reading:
    """How asking for some fields went.

    :param count: how many fields, or choices of a field, there are now.
    :param problem: why they could not be read, in one sentence; what was read before stays.
    :param changed: they are others than before.
    """

    question: Question
    count: int = 0
    problem: str = ""
    changed: bool = False

    @property
    def words(self) -> str:
        asked = ReadFields(
            self.question.connection, self.question.asked, self.question.parameters, None, None
        ).words
        if self.problem:
            return f"The {asked} could not be read: {self.problem}"
        return f"{asked[:1].upper()}{asked[1:]}: {self.count} read."


def refresh(
    store: Store,
    host: Host,
    questions: Iterable[Question],
    *,
    transports: Transports | None = None,
    now: datetime | None = None,
) -> list[Reading]:
    """Ask each account, and keep what it says. A failure is told and kept, and stops nothing."""
    now = now or _now()
    found: list[Reading] = []
    ordered = sorted(questions, key=lambda question: question.connection)
    for name, asked in groupby(ordered, key=lambda question: question.connection):
        found += _of_one_account(store, host, list(asked), (transports or {}).get(name), now)
    return found


def refresh_connection(
    store: Store,
    host: Host,
    library: Library,
    name: str,
    *,
    transports: Transports | None = None,
    now: datetime | None = None,
) -> list[Reading]:
    """Ask an account for all fields that a recipe needs or needed, and for those of everything.

    :raises SetupError: there is no such connection.
    """
    connector = host.connector(get_connection(store, name).connector)
    functions = _functions(host, connector)
    questions = [
        Question(name, connector.name, function, {})
        for function in functions.values()
        if asks_for_nothing(function)
    ]
    questions += _asked_before(host, connector, fields_of(store, name))
    for recipe in library.names():
        with suppress(BridgeworkError):  # what can't be read as a recipe needs nothing
            asked = questions_of(host, library.load(recipe))
            questions += [question for question in asked if question.connection == name]
    once = {(q.asked, repr(sorted(q.parameters.items()))): q for q in questions}
    return refresh(store, host, once.values(), transports=transports, now=now)


def has_live_fields(host: Host, connector: str) -> bool:
    """Return whether an app's accounts have fields of their own."""
    found = host.connectors.get(connector)
    return found is not None and found.needs_connection and bool(_functions(host, found))


def keep_fields_fresh(
    works: Works,
    *,
    transports: Transports | None = None,
    clock: Callable[[], datetime] = _now,
) -> None:
    """Read afresh what was read a day ago, so that a recipe that lacked a field heals by itself."""
    now = clock()
    for connection in list_connections(works.store):
        connector = works.host.connectors.get(connection.connector)
        if connector is None or connection.problem:
            continue
        kept = fields_of(works.store, connection.name)
        old = [one for one in kept if one.read_at is None or now - one.read_at >= FRESH]
        questions = _asked_before(works.host, connector, old)
        refresh(works.store, works.host, questions, transports=transports, now=now)


def refresh_before_run(
    store: Store,
    host: Host,
    recipe: Recipe,
    *,
    run_id: int | None = None,
    transports: Transports | None = None,
    now: datetime,
) -> None:
    """Read afresh what was read long ago, and check the recipe again where that changed something.

    :param run_id: in whose log is told what could not be read; None in a preview.
    :raises RecipeError: it names a field that isn't there any more.
    """
    questions = questions_of(host, recipe)
    stale = [one for one in questions if _is_stale(host, one, now) or one.is_refused(host)]
    if not stale:
        return
    before = {finding.message for finding in check_recipe(recipe, host)}
    readings = refresh(store, host, stale, transports=transports, now=now)
    for reading in readings:
        if reading.problem and run_id is not None:
            runs.log(store, run_id, reading.words, "warning")
    if any(reading.changed or reading.question.is_refused(host) for reading in readings):
        findings = [
            one
            for one in check_recipe(recipe, host)
            if one.message not in before or one.code == NO_SUCH_CHOICE
        ]
        if findings:
            raise RecipeError(findings[0].message, hint=findings[0].hint, findings=findings)


def _functions(host: Host, connector: Connector) -> dict[str, Callable[..., Schema]]:
    """Return the functions that ask an app's accounts for their own fields, by name."""
    return {
        function.__name__: function
        for operation in (*connector.triggers.values(), *connector.actions.values())
        for function in functions_of(host, operation)
    }


def _asked_before(host: Host, connector: Connector, kept: Iterable[ReadFields]) -> list[Question]:
    functions = _functions(host, connector)
    return [
        Question(one.connection, connector.name, functions[one.asked], one.parameters)
        for one in kept
        if one.asked in functions
    ]


def _is_stale(host: Host, question: Question, now: datetime) -> bool:
    known = question.known(host)
    return known is None or known.read_at is None or now - known.read_at >= FRESH


def _of_one_account(
    store: Store,
    host: Host,
    questions: Sequence[Question],
    transport: httpx2.BaseTransport | None,
    now: datetime,
) -> list[Reading]:
    connector = host.connector(questions[0].connector)
    try:
        connection = connection_for(store, connector, questions[0].connection)
        with open_session(
            connector, connection, store=store, transport=transport, retry=IMPATIENT
        ) as session:
            context = context_for(connector, connection, HttpClient(session, idempotent=True), now)
            readings = []
            for question in questions:
                try:
                    with guarded(question.connector, question.asked):
                        schema = question.function(context, **question.parameters)
                except BridgeworkError as error:
                    readings.append(_failed(store, question, error, now))
                else:
                    readings.append(_kept(store, question, schema, now))
            return readings
    except BridgeworkError as error:  # the account itself can't be asked
        return [Reading(question, problem=_sentence(error)) for question in questions]


def _kept(store: Store, question: Question, schema: Schema, now: datetime) -> Reading:
    name, asked, parameters = question.connection, question.asked, question.parameters
    before = StoredFields(store).known(name, asked, parameters)
    keep_fields(store, name, asked, parameters, schema=schema, at=now)
    return Reading(
        question,
        count=len(schema.get("properties") or schema.get("enum") or schema.get("oneOf") or ()),
        changed=before is None or before.schema != schema,
    )


def _failed(store: Store, question: Question, error: BridgeworkError, now: datetime) -> Reading:
    problem = _sentence(error)
    log.warning("fields of %s could not be read: %s", question.connection, problem)
    keep_fields(
        store,
        question.connection,
        question.asked,
        question.parameters,
        schema=None,
        at=now,
        problem=problem,
    )
    return Reading(question, problem=problem)


def _sentence(error: BridgeworkError) -> str:
    return redact(error.message)
