"""A step that a person does: its record waits as for an answer, which then is what its app would say.

So links, fingerprints, reports and retries are the same as of a step that an app does, and the one
can take the place of the other: rows that a person did are unchanged for the app, and the ids that
the person entered are the app's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b

from engine.errors import TemplateError
from engine.fields import Record
from engine.operations import PERSON
from engine.results import Accepted, Rejected
from engine.run.act import Sender
from engine.run.outcomes import apply_policy, settle_refusal, settle_unchanged
from engine.run.people.ask import ASK_AGAIN, Asker, addresses
from engine.run.people.planned_tasks import PlannedPerson, shown_fields
from engine.run.plan_steps import PlannedStep
from engine.run.searching import nothing_found
from engine.run.shape import Link, Row, fingerprint, split_unchanged
from engine.run.traveller import storable
from engine.store.questions import ASKED, Asked, Known, NewQuestion, known_questions
from engine.store.tasks import (
    IMPOSSIBLE,
    NOT_POSSIBLE,
    NOTHING,
    THERE,
    Task,
    answer_of,
    found_before,
    task_document,
)

DO_IT = "Do it under 'Questions' or with `bridgework questions`; it then goes on by itself."
#: Characters of the text and the note of a task that are kept.
LONGEST = 2000


def same_by_hand(step: PlannedStep, rows: Sequence[Row], links: dict[str, Link]) -> None:
    """Let rows count as unchanged that went over just so while a person did the step, or an app."""
    for row in rows:
        link = links.get(row.key)
        if link is None or link.fingerprint == row.fingerprint:
            continue
        if any(link.fingerprint == fingerprint(salt, row.values) for salt in step.alike):
            links[row.key] = replace(link, fingerprint=row.fingerprint)


class ByHand:
    """Lets people do the steps of one run."""

    def __init__(self, asker: Asker, sender: Sender) -> None:
        self.asker, self.sender = asker, sender

    def do(self, step: PlannedStep, rows: list[Row], links: dict[str, Link]) -> None:
        """Settle the rows whose task is done, as the app's answer would; park the others."""
        person = step.person
        assert person is not None
        if step.writes:
            rows, unchanged = split_unchanged(step, rows, links)
            for row, sent in unchanged:
                settle_unchanged(step, row, sent)
        if not rows:
            return
        own, others = self._known(step, rows)
        for row in rows:
            link: Link | None = links.get(row.key) if step.writes else None
            if link is not None and link.fingerprint == row.fingerprint:
                settle_unchanged(step, row, link)  # of two rows alike, the second
                continue
            mark = _mark(step, row)
            mine = own.get((row.traveller.record or row.traveller.key, mark))
            answered = mine is not None and mine.state == "answered"
            known = mine if answered else others.get(mark, mine)
            if known is None or not self._counts(step, known):
                self._park(step, person, row, link, mine, mark)
            elif known.state == "answered":
                self._take(step, row, links, known)
            else:
                self._undone(step, person, row, known)

    def _known(
        self, step: PlannedStep, rows: Sequence[Row]
    ) -> tuple[Mapping[tuple[str, bytes], Known], Mapping[bytes, Known]]:
        store, recipe = self.asker.store, self.asker.recipe
        keys = list(dict.fromkeys(row.traveller.record or row.traveller.key for row in rows))
        own = known_questions(store, recipe, step.id, keys)
        if step.writes:
            return own, {}
        return own, found_before(store, recipe, step.id, [_mark(step, row) for row in rows])

    def _counts(self, step: PlannedStep, known: Known) -> bool:
        """Return whether what became of a task is still what is to be done about the record."""
        again = self.asker.by_hand
        if known.state == "lapsed":
            return not again
        if known.state != "answered":
            return False
        did = answer_of(known.answer).did
        if did == IMPOSSIBLE or (did == NOTHING and step.if_none == "reject"):
            return not again or known.continued_run_id is None
        # A row that was done before, became another and is this one again has to be done again.
        return not step.writes or known.continued_run_id is None

    def _take(self, step: PlannedStep, row: Row, links: dict[str, Link], known: Known) -> None:
        answer, traveller = answer_of(known.answer), row.traveller
        traveller.answers += (known.id,)
        if answer.did == IMPOSSIBLE:
            reason = f"{known.answered_by} could not do it: {known.note}"
            refused = Rejected(reason, code=NOT_POSSIBLE, hint=ASK_AGAIN)
            if step.writes:
                self.sender.settle(step, row, refused, links)
            else:
                settle_refusal(step, row, refused)
                apply_policy(step, row, refused)
        elif answer.did == NOTHING:
            nothing_found(step, row)
        elif not step.writes:
            traveller.scope[step.name] = dict(answer.record)
        else:
            there = answer.did == THERE
            accepted = Accepted(
                dict(answer.record),
                id=answer.id,
                created=False if there else None,
                changed=not there,
            )
            self.sender.settle(step, row, accepted, links)

    def _undone(self, step: PlannedStep, person: PlannedPerson, row: Row, known: Known) -> None:
        skips = person.otherwise == "skip"
        row.traveller.end(
            "skipped" if skips else "rejected",
            code="no_answer",
            reason=f"Nobody did this in time: {_what(step)}.",
            how_to_fix="" if skips else ASK_AGAIN,
            step=step.id,
        )
        row.traveller.answers += (known.id,)

    def _park(
        self,
        step: PlannedStep,
        person: PlannedPerson,
        row: Row,
        link: Link | None,
        known: Known | None,
        mark: bytes,
    ) -> None:
        traveller, scope = row.traveller, row.traveller.scope
        try:
            people = tuple(dict.fromkeys(p for one in person.people for p in addresses(one, scope)))
            note = "" if person.note is None else person.note.text(scope)
            title, how, values = _told(step, row)
        except TemplateError as error:
            traveller.refuse(step.id, error)
            return
        if person.people and not people:
            traveller.end(
                "rejected",
                code="nobody_to_ask",
                reason="It is not known whose task it is: the address is empty.",
                how_to_fix="Fill it in at the source, or let the recipe use another value there.",
                step=step.id,
                field="person.of",
            )
            return
        is_open = known is not None and known.state == "open"
        if self.asker.run_id is None:
            verb = "It is a person's task already" if is_open else "A person would do it"
            traveller.end("waiting", code=ASKED, reason=f"{verb}: {_what(step)}.", step=step.id)
            return
        traveller.end(
            "waiting",
            code=ASKED,
            reason=f"Waiting for a person to do it: {_what(step)}.",
            how_to_fix=DO_IT,
            step=step.id,
        )
        if is_open:
            assert known is not None
            traveller.waits_for += (known.id,)
            if known.people == people:
                return
        own = step.action.connector == PERSON
        task = Task(
            use=step.action.full_name,
            app=step.rows.app,
            action=step.action.title,
            noun=step.action.noun.one,
            search=not step.writes,
            help="" if own else step.action.help,
            note=storable(f"{how}\n\n{note}".strip(), LONGEST),
            fields=shown_fields(step.action.inputs, values),
            results=person.results,
            asks_id=person.asks_id,
            needs_id=person.needs_id,
            target_id=(link.target_id if link else None) or "",
        )
        question = NewQuestion(
            step=step.id,
            fingerprint=mark,
            text=storable(f"{title}: {traveller.title}", LONGEST),
            details=tuple((field.title, field.value) for field in task.fields),
            kind="task",
            choices=task.ways,
            people=people,
            on_no="",
            otherwise=person.otherwise,
            within=person.within,
            task=task_document(task),
        )
        key = traveller.record or traveller.key
        traveller.asked += (Asked(key, traveller.title, question, self.asker.clock(), known),)


def _told(step: PlannedStep, row: Row) -> tuple[str, str, Record]:
    """Return what a task is called, how it is done, and its fields."""
    if step.action.connector != PERSON:
        return step.action.title, "", row.values
    values = row.values
    return values["title"], values.get("instructions") or "", values.get("fields") or {}


def _what(step: PlannedStep) -> str:
    if step.action.connector == PERSON:
        return f"the step “{step.id}”"
    return f"{step.action.title} in {step.rows.app}"


def _mark(step: PlannedStep, row: Row) -> bytes:
    """Return what tells a task from others of its step; searches for the same thing are one."""
    key = row.key.encode("utf-8", "replace") if step.writes else b""
    return blake2b(row.fingerprint + key, digest_size=16).digest()
