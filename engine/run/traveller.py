"""One record on its road: what it is, what each step made of it, what became of it."""

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from engine import redaction
from engine.errors import TemplateError
from engine.fields import Record
from engine.store.collected import Collected
from engine.store.ledger import Outcome
from engine.store.pairs import Written
from engine.store.questions import Asked
from engine.store.waits import Wait

#: The code of a record that its recipe holds for a person after a failure.
HELD = "held"
#: Characters of a key or title that are kept.
LONGEST = 300


@dataclass(slots=True)
class Sent:
    """What a writing step did with the record.

    :param outcome: created, updated or unchanged.
    :param fingerprint: of the row; what the next run compares with.
    :param row: what was sent; None where nothing was.
    :param kept: the link is stored already, by an earlier run or before the chunk is settled.
    :param settles: it counts only with its record's outcome: nothing has gone anywhere yet.
    :param written: what the recipe in the other direction has to know of it.
    """

    step: str
    key: str
    target_id: str | None
    fingerprint: bytes
    outcome: Outcome
    result: Record | None = None
    row: Record | None = None
    kept: bool = False
    settles: bool = False
    written: Written | None = None


class Traveller:
    """A record on its way through a recipe; ``outcome`` is None while it is under way.

    :param title: what a person knows it by.
    :param changed: the trigger's cursor value, as the source wrote it.
    :param scope: what templates may read: the record by its name, results by step id.
    :ivar stranded: the run stopped before it was its turn; it will be read again.
    :ivar met_before: this run settled the record already, and it came again in a newer state.
    :ivar asked: what people are asked about it, to be written down with its outcome.
    :ivar waits_for: ids of questions asked before, which are still open.
    :ivar answers: ids of the questions whose answers it used on its way.
    :ivar deliveries: ids of what webhooks delivered of it, to be settled with it.
    :ivar answered: whoever called with it has an answer.
    :ivar collected: what it leaves for messages, to be kept with its outcome.
    :ivar waits: what it waits for, and what it has waited for on its way.
    :ivar message: it is no record that was read, but a message made of many.
    :ivar record: where it is a part of a record, e.g. an entry of a list: that record's key.
    :ivar in_doubt: what failed may have arrived all the same.
    :ivar amiss: what went wrong with a part of it that the recipe goes on without.
    :ivar row_id: the ledger row of that; None where it was unchanged, which costs no row.

    What few records have stands in the class until it is set: one is made for every record, and
    twenty attributes more would take as long as reading its row.
    """

    outcome: Outcome | None = None
    code: str | None = None
    reason: str | None = None
    how_to_fix: str | None = None
    step: str | None = None
    field: str | None = None
    stranded: bool = False
    met_before: bool = False
    row_id: int | None = None
    asked: tuple[Asked, ...] = ()
    waits_for: tuple[int, ...] = ()
    answers: tuple[int, ...] = ()
    deliveries: tuple[int, ...] = ()
    answered: bool = False
    waits: tuple[Wait, ...] = ()
    collected: tuple[Collected, ...] = ()
    message: bool = False
    record: str = ""
    in_doubt: bool = False
    amiss: tuple[Outcome, Mapping[str, str]] | None = None

    def __init__(
        self,
        key: str,
        title: str,
        source: Record,
        changed: Any,
        scope: dict[str, Any],
        sent: list[Sent],
    ) -> None:
        self.key = key
        self.title = title
        self.source = source
        self.changed = changed
        self.scope = scope
        self.sent = sent

    def end(
        self,
        outcome: Outcome,
        *,
        code: str,
        reason: str,
        how_to_fix: str = "",
        step: str = "",
        field: str = "",
    ) -> None:
        """Settle the record before its last step."""
        self.outcome = outcome
        self.code = code
        self.reason = redaction.redact(reason)  # vendors repeat what they were sent
        self.how_to_fix = redaction.redact(how_to_fix)
        self.step = step
        self.field = field

    def go_on(self) -> None:
        """Take back how it ended: other steps stand in for the one that failed."""
        self.outcome = self.code = self.reason = self.how_to_fix = self.step = self.field = None

    def refuse(self, step: str, error: TemplateError) -> None:
        """Settle a record that a template of the recipe can't be filled from."""
        self.end(
            "rejected",
            code=error.code,
            reason=error.message,
            how_to_fix=error.hint,
            step=step,
            field=error.field,
        )

    def arrive(self) -> None:
        """Settle the record after its last step: what its writing steps did, taken together.

        The last writing step is what the recipe is about: a new case for a known client is
        created, an unchanged case of a changed client is updated.
        """
        if self.amiss is not None:
            outcome, ended = self.amiss
            if self.sent:
                outcome = self._did()
            self.end(outcome, **ended)
        elif self.sent:
            self.outcome = self._did()
        elif self.answered:
            reason = "It was answered, and no step wrote anything."
            self.end("skipped", code="answered", reason=reason)
        else:
            self.end("skipped", code="nothing_to_do", reason="No step applied to this record.")

    def _did(self) -> Outcome:
        last = self.sent[-1].outcome
        if last == "unchanged" and any(s.outcome != "unchanged" for s in self.sent):
            return "updated"
        return last

    def part(self, suffix: str, scope: dict[str, Any]) -> "Traveller":
        """Return a part of the record that travels by itself, e.g. an entry of a list.

        :param suffix: what its key has beyond the record's.
        """
        key = self.key + suffix
        if len(key) > LONGEST:  # cut, and yet no other part's
            mark = blake2b(key.encode("utf-8", "replace"), digest_size=8).hexdigest()
            key = f"{key[: LONGEST - len(mark) - 1]}~{mark}"
        part = Traveller(key, self.title, self.source, None, scope, [])
        part.record = self.record or self.key
        return part

    def twin(self) -> "Traveller":
        """Return the record as it is, to travel another way besides."""
        other = copy(self)
        other.scope, other.sent = dict(self.scope), []
        other.asked, other.waits, other.collected = (), (), ()
        other.waits_for, other.answers = (), ()
        return other

    def end_like(self, other: "Traveller") -> None:
        """Settle the record as a part or a twin of it was settled."""
        self.outcome, self.code, self.reason = other.outcome, other.code, other.reason
        self.how_to_fix, self.step, self.field = other.how_to_fix, other.step, other.field
        self.in_doubt = other.in_doubt

    def gather(self, parts: Iterable["Traveller"]) -> None:
        """Take over what parts of the record sent, were asked and waited for."""
        for part in parts:
            self.sent += part.sent
            self.asked += part.asked
            self.waits_for += part.waits_for
            self.answers += part.answers
            self.waits += part.waits
            self.collected += part.collected
            self.answered = self.answered or part.answered

    def has_done(self, step: str) -> bool:
        """Return whether a writing step did its work for the record."""
        return any(sent.step == step for sent in self.sent)

    @property
    def target_id(self) -> str | None:
        return self.sent[-1].target_id if self.sent else None


def storable(text: str, longest: int = LONGEST) -> str:
    """Return a key or title as databases take it: cut, without NULs and halves of UTF-16 pairs."""
    text = text[:longest]
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()
