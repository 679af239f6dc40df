"""Checking steps in the order of their run: each one's own texts, and what later ones read of it."""

from engine.fields import Schema
from engine.operations import Action, Trigger
from engine.recipe.checking.asks import answer_of, check_ask, check_person
from engine.recipe.checking.blanks import check_blanks
from engine.recipe.checking.fields import FieldChecker
from engine.recipe.checking.flow import CHECKS, ends
from engine.recipe.checking.scopes import ANYTHING, TEXT, kinds, result_of
from engine.recipe.checking.templates import TemplateChecker
from engine.recipe.checking.uses import UseChecker
from engine.recipe.durable_steps import CollectStep
from engine.recipe.live import connected
from engine.recipe.steps import (
    AnyStep,
    AskStep,
    Step,
    Steps,
    every_step,
)
from engine.recipe.texts import Text

#: What the steps that stand in for a failed one read as ``error``.
ERROR: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"reason": TEXT, "code": TEXT, "field": TEXT},
}


class StepChecker:
    """Checks the steps of one recipe.

    :ivar names: what templates may read at the step that is being checked; grows with every step.
    """

    def __init__(self, uses: UseChecker, templates: TemplateChecker, hints: bool) -> None:
        self.uses = uses
        self.templates = templates
        self.findings = templates.findings
        self.hints = hints
        self.names: dict[str, Schema] = {}

    def check(self, steps: Steps) -> None:
        """Check a list of steps; what they give is in :attr:`names` afterwards."""
        over: AnyStep | None = None
        for step in steps:
            if over is not None:
                self._unreached(step, over)
                over = None
            elif ends(step):
                over = step
            self.templates.step = step.id.value
            if step.condition is not None:
                self.templates.condition(step.condition, self.names, hints=self.hints)
            with self.templates.where(step.condition):
                result = self._result(step)
            self.templates.step = ""
            self.done(step, result)

    def _result(self, step: AnyStep) -> Schema:
        """Check a step; return what it gives."""
        match step:
            case Step():
                return self._use(step)
            case AskStep():
                check_ask(step, self.templates, self.names)
                return answer_of(step)
        return CHECKS[type(step)](self, step)

    def _unreached(self, step: AnyStep, over: AnyStep) -> None:
        self.findings.add(
            step.position,
            "never-reached",
            f"No record comes to this step: the one before it, in line {over.position.line}, ends "
            "every record's way.",
            hint="Give that one an `if:`, or remove this.",
            step=step.id.value,
        )

    def done(self, step: AnyStep, result: Schema) -> None:
        """Let later steps read the result of this one."""
        if isinstance(step, CollectStep):
            why = f"'{step.id.value}' is a list that only its own steps read."
            self.templates.absent[step.id.value] = why
            return
        self.templates.absent.pop(step.id.value, None)
        if step.id.value:
            self.names.setdefault(step.id.value, result)

    def _use(self, step: Step) -> Schema:
        id = step.id.value
        operation = self.uses.operation(step.use, id)
        if step.key is not None:
            self._key(step, step.key)
        if step.if_none is not None and step.if_none.reason is not None:
            self.templates.template(step.if_none.reason, self.names)
        if isinstance(operation, Action):
            account = step.connection_name
            operation = connected(self.uses.host, operation, account, step.fields)
            FieldChecker(self.findings, self.templates, operation, id, account=account).check(
                step.fields, self.names, step.use.position
            )
            self.uses.connection(operation, step.connection, step.use, id)
            check_person(step, self.templates, self.names)
            self._kind_of_step(step, operation)
            check_blanks(step, operation.inputs, self.findings)
        else:
            if isinstance(operation, Trigger):
                self.findings.about(
                    step.use,
                    "not-an-action",
                    f"{operation.full_name} is a trigger and can't be a step.",
                    self.uses.others(operation.connector, triggers=False),
                    step=id,
                )
            for text in step.fields.texts:
                self.templates.template(text, self.names)
        result = result_of(operation) if isinstance(operation, Action) else ANYTHING
        if step.creates:
            result = self._creates(step, result)
        self._stand_in(step)
        return result

    def _creates(self, step: Step, found: Schema) -> Schema:
        """Check the steps that make what isn't found; return what either gives."""
        given = self.within(step.creates, {})
        made = given.get(step.creates[-1].id.value, ANYTHING)
        for inner in every_step(step.creates):
            why = f"'{inner.id.value}' stands in for '{step.id.value}': read that instead."
            self.templates.absent[inner.id.value] = why
        return {"anyOf": [found, made]} if found and made else ANYTHING

    def _stand_in(self, step: Step) -> None:
        if step.otherwise:
            self.within(step.otherwise, {"error": ERROR})

    def within(self, steps: Steps, more: dict[str, Schema]) -> dict[str, Schema]:
        """Check steps that may not be done for every record; return what they give.

        :param more: names that only they may read.
        """
        outer = self.names
        self.names = {**outer, **more}
        step = self.templates.step
        self.check(steps)
        self.templates.step = step
        given = {
            name: schema
            for name, schema in self.names.items()
            if name not in outer and name not in more
        }
        self.names = outer
        return given

    def _key(self, step: Step, key: Text) -> None:
        before = self.templates.used
        self.templates.used = set()
        schema = self.templates.expression(key, self.names, hints=self.hints)
        if not self.templates.used and schema is not ANYTHING:
            self.findings.about(
                key,
                "constant-key",
                "This key is the same for every record, so all of them would be one.",
                f"Name the field that tells records apart, e.g. `{next(iter(self.names))}.id`.",
                step=step.id.value,
            )
        self.templates.used |= before
        if schema is not None and kinds(schema) and kinds(schema) <= {"object", "array"}:
            self.findings.about(
                key,
                "wrong-type",
                "A key is one value that tells records apart, such as an id.",
                f"Name a field of it, e.g. `{key.value.strip()}.id`.",
                step=step.id.value,
            )

    def _kind_of_step(self, step: Step, action: Action) -> None:
        none = step.if_none.reason if step.if_none else None
        if (step.if_none is not None or step.creates) and action.kind != "search":
            self.findings.about(
                none or step.use,
                "misplaced-key",
                f"'if_none' is for searches, and {action.full_name} is {a_kind(action)}.",
                "Remove it.",
                step=step.id.value,
            )
        if step.on_error.not_found is not None and action.kind == "search":
            self.findings.about(
                step.use,
                "misplaced-key",
                f"'not_found' is for steps that write, and {action.full_name} is a search.",
                "Say with `if_none` what happens when it finds nothing.",
                step=step.id.value,
            )
        if step.key is not None and action.kind == "search":
            self.findings.about(
                step.key,
                "misplaced-key",
                f"'key' is for steps that write, and {action.full_name} is a search.",
                "Remove it.",
                step=step.id.value,
            )


def a_kind(action: Action) -> str:
    """Return what an action is called in a sentence."""
    return "a search" if action.kind == "search" else "an action"
