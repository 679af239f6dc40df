"""``answer``: what the caller of the recipe's webhook gets, kept before any later step is done.

It is kept with the delivery in a transaction of its own: the caller has it at once, and after a
crash the same delivery still has the same answer. Records that nobody called with pass.
"""

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from jinja2 import Undefined

from engine.errors import TemplateError
from engine.fields import Record
from engine.recipe.answer_steps import HIGHEST_STATUS, LOWEST_STATUS, AnswerStep
from engine.recipe.templates.environment import as_text
from engine.recipe.templates.template import Expression, Fields, compile_fields
from engine.recipe.texts import FieldSet, Records, Text, Value
from engine.run.flow.flow import Flow
from engine.run.rows import put
from engine.run.traveller import Traveller
from engine.store import plain
from engine.store.answered import keep_answers
from engine.webhooks import HookReply

if TYPE_CHECKING:
    from engine.run.plan_steps import Planner
    from engine.run.walk import Walker

#: Bytes of a body, as many as a delivery may have.
LARGEST = 1024 * 1024
#: Statuses whose answers have no body (RFC 9110).
WITHOUT_BODY = frozenset({204, 205, 304})
#: What JSON has a word of its own for, where it is written without quotes.
JSON_WORD = re.compile(r"true|false|null|-?(0|[1-9]\d{0,14})(\.\d{1,15})?")
#: What a header may hold: it would end at the end of a line, and is sent as Latin-1.
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")


@dataclass(frozen=True, kw_only=True)
class PlannedAnswer(Flow):
    """An answer, compiled."""

    status: Expression | None
    body: Fields
    headers: Fields

    def guide(self, walker: "Walker", travellers: list[Traveller]) -> None:
        answers: dict[int, HookReply] = {}
        for traveller in travellers:
            if not traveller.deliveries:
                continue
            try:
                reply = self.reply(traveller.scope)
            except TemplateError as error:
                traveller.refuse(self.id, error)
                continue
            except (ValueError, RecursionError):  # a caller may post anything
                odd = "What was posted can't be put into the answer."
                traveller.refuse(self.id, self._wrong("answer", odd, "no_answer"))
                continue
            traveller.answered = True
            answers.update(dict.fromkeys(traveller.deliveries, reply))
        if answers and not walker.sender.pretend:
            keep_answers(walker.asker.store, answers, walker.asker.clock())

    def reply(self, scope: dict[str, Any]) -> HookReply:
        """Return the answer for one record.

        :raises TemplateError: it can't be filled from the record, or can't be sent.
        """
        status = self._status(scope)
        values = zip(self.headers.paths, self.headers.values(scope), strict=True)
        headers = {path[0]: self._header(path[0], value) for path, value in values}
        body, kind = self._body(scope)
        if len(body) > LARGEST or len(body.encode()) > LARGEST:
            raise self._wrong("body", "This answer is larger than 1 MiB.", "too_large")
        if status in WITHOUT_BODY:
            body = ""
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = kind
        return HookReply(status, body, headers)

    def _status(self, scope: dict[str, Any]) -> int:
        if self.status is None:
            return 200
        value = self.status.text(scope).strip()
        if len(value) == 3 and value.isdecimal() and LOWEST_STATUS <= int(value) <= HIGHEST_STATUS:
            return int(value)
        raise self._wrong("status", f"{value!r:.60} is no status to answer with.", "bad_status")

    def _header(self, name: str, value: Any) -> str:
        text = "" if value is None or isinstance(value, Undefined) else as_text(value)
        if HEADER_VALUE.fullmatch(text):
            return text
        raise self._wrong(f"headers.{name}", f"{text!r:.60} can't stand in a header.", "bad_header")

    def _body(self, scope: dict[str, Any]) -> tuple[str, str]:
        """Return the body and its type."""
        made: Record = {}
        for path, value in zip(self.body.paths, self.body.values(scope), strict=True):
            put(made, path, _clean(value))
        body = made.get("body")
        if isinstance(body, dict | list | tuple):
            return plain.dump(body).decode(), "application/json"
        return "" if body is None else as_text(body), "text/plain; charset=utf-8"

    def _wrong(self, field: str, message: str, code: str) -> TemplateError:
        return TemplateError(
            message,
            field=field,
            expression="",
            hint="Let the recipe answer with something else then.",
            code=code,
        )


def _clean(value: Any) -> Any:
    """Return a value with nothing where a template found nothing."""
    match value:
        case Undefined():
            return None
        case dict():
            return {name: _clean(part) for name, part in value.items()}
        case list() | tuple():
            return [_clean(part) for part in value]
    return value


def plan_answer(planner: "Planner", step: AnswerStep) -> PlannedAnswer:
    """Compile an answer."""
    alone = tuple(step.body.values) == (("body",),) and isinstance(step.body.values["body",], Text)
    return PlannedAnswer(
        id=planner.id_of(step),
        condition=planner.expression(step.condition, "if"),
        status=None if step.status is None else planner.template(step.status, "status"),
        body=compile_fields(planner.environment, step.body if alone else _typed(step.body)),
        headers=compile_fields(planner.environment, step.headers),
    )


def _typed(fields: FieldSet) -> FieldSet:
    """Return fields in which what is written as in JSON is what JSON means: ``paid: true``."""
    return replace(fields, values={path: _meant(value) for path, value in fields.values.items()})


def _meant(value: Value) -> Value:
    match value:
        case Text():
            return _word(value)
        case Records():
            return Records(tuple(_typed(entry) for entry in value.entries))
    return tuple(map(_word, value))


def _word(text: Text) -> Text:
    if text.quoted or not JSON_WORD.fullmatch(text.value):
        return text
    word = "none" if text.value == "null" else text.value
    return replace(text, value=f"{{{{ {word} }}}}")
