"""JSON Schema of a recipe's steps: one schema a kind, told apart by the key that tells the kind."""

from collections.abc import Mapping, Sequence

from engine.fields import Schema
from engine.operations import PERSON, Action
from engine.recipe.durable_steps import MOST_COLLECTED
from engine.recipe.reading.asks import MOST_CHOICES, ON_NO, TYPED
from engine.recipe.reading.durable import IF_NEVER, MOST_BRANCHES
from engine.recipe.reading.flow import IF_ITEM_FAILS
from engine.recipe.reading.on_error import NOT_FOUND, OTHERWISE, RATE_LIMITED, REJECTED, THEN
from engine.recipe.schema.answers import ANSWERED
from engine.recipe.schema.fields import SCALAR, TEXT, operation_names, when_used
from engine.recipe.schema.joins import JOINED, PARTNER_NAME
from engine.recipe.schema.persons import BY_PERSON

#: Where a list of steps, or one step, stands.
STEPS: Schema = {"$ref": "#/definitions/steps"}
STEP: Schema = {"$ref": "#/definitions/step"}

ID: Schema = {
    **TEXT,
    "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
    "description": "What later steps read its result by.",
}
IF: Schema = {**SCALAR, "description": "A bare expression; left out where it doesn't hold."}
OTHERWISE_STEPS: Schema = {"description": "Steps for what no branch took.", "anyOf": [STEPS, STEP]}


def kind(required: Sequence[str], **properties: Schema) -> Schema:
    """Return the schema of a map with these keys and no others; each kind may have an `if`."""
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {"id": ID, "if": IF, **properties},
    }


QUESTION: Schema = {
    "type": "object",
    "additionalProperties": False,
    "required": ["ask"],
    "properties": {
        "id": {**ID, "description": "Later steps read `id.answer`."},
        "ask": {**TEXT, "description": "The question, a template."},
        "details": {
            "type": "object",
            "description": "What stands beside the question: `label: value` lines.",
            "additionalProperties": SCALAR,
        },
        "choices": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_CHOICES,
            "items": SCALAR,
            "description": "What may be answered. Default: yes, no.",
        },
        "answer": {"enum": list(TYPED), "description": "Instead of choices: what is typed."},
        "of": {
            "description": "E-mail addresses of those who may answer. Default: everyone.",
            "anyOf": [TEXT, {"type": "array", "items": TEXT}],
        },
        "within": {**TEXT, "description": "How long it may take: `3 days`."},
        "otherwise": {
            **TEXT,
            "default": "reject",
            "description": "If nobody answered in time: `reject`, `skip` or a choice.",
        },
        "on_no": {
            "enum": list(ON_NO),
            "default": "skip",
            "description": "What the answer `no` does to the record.",
        },
        "if": IF,
    },
}

EACH = kind(
    ("for_each", "steps"),
    for_each={
        **SCALAR,
        "description": "A list, e.g. `matter.clients`; its steps run for each entry.",
    },
    **{"as": {**TEXT, "description": "What its steps call the entry.", "default": "item"}},
    key={**SCALAR, "description": "What tells entries apart. Default: their `id`, else the place."},
    steps={**STEPS, "description": "What is done for each entry."},
    if_item_fails={
        "enum": list(IF_ITEM_FAILS),
        "default": "reject",
        "description": "What an entry that fails does to the record.",
    },
)
CHOOSE = kind(
    ("choose",),
    choose={
        "type": "array",
        "minItems": 1,
        "description": "Branches; the first whose `if` holds is taken.",
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["if", "steps"],
            "properties": {"if": {**SCALAR, "description": "A bare expression."}, "steps": STEPS},
        },
    },
    otherwise=OTHERWISE_STEPS,
)
GROUP = kind(
    ("if", "steps"),
    steps={**STEPS, "description": "What is done where `if` holds."},
    otherwise=OTHERWISE_STEPS,
)
SET = kind(
    ("set", "id"),
    set={
        "type": "object",
        "description": "Values by name; later steps read them as `id.name`.",
        "additionalProperties": {"anyOf": [SCALAR, {"type": ["array", "object"]}]},
    },
)
CALL = kind(
    ("call",),
    call={**TEXT, "description": "The name of a recipe with `inputs:` or `outputs:` beside this."},
    **{
        "with": {
            "type": "object",
            "description": "Its inputs by name.",
            "additionalProperties": {"anyOf": [SCALAR, {"type": ["array", "object"]}]},
        }
    },
)
WAIT = kind(
    ("wait",),
    wait={
        "description": "How long a record waits here: `2 days`; or a moment that it names.",
        "anyOf": [
            TEXT,
            {
                "type": "object",
                "additionalProperties": False,
                "required": ["until"],
                "properties": {"until": {**TEXT, "description": "A date or a time of the record."}},
            },
        ],
    },
)
UNTIL = kind(
    ("until", "steps"),
    until={**SCALAR, "description": "A bare expression; rounds go on until it holds."},
    steps={**STEPS, "description": "What is done in each round."},
    every={**TEXT, "default": "10 seconds", "description": "The time between two rounds."},
    at_most={**SCALAR, "default": "20 times", "description": "How many rounds there are at most."},
    within={**TEXT, "description": "How long after the first round another may begin."},
    if_never={
        "enum": list(IF_NEVER),
        "default": "reject",
        "description": "What becomes of the record when it did not hold after the last round.",
    },
)
PARALLEL = kind(
    ("parallel",),
    parallel={
        "type": "array",
        "minItems": 2,
        "maxItems": MOST_BRANCHES,
        "description": "Branches that don't depend on each other; all are taken.",
        "items": {
            "anyOf": [
                STEPS,
                STEP,
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["steps"],
                    "properties": {"steps": STEPS},
                },
            ]
        },
    },
)
COLLECT = kind(
    ("collect", "id", "steps"),
    collect={
        "description": "What each record leaves for the message: a template, or values by name.",
        "anyOf": [SCALAR, {"type": "object", "additionalProperties": SCALAR}],
    },
    size={"type": "integer", "minimum": 1, "maximum": MOST_COLLECTED},
    steps={**STEPS, "description": "What is done once for all; they read the list by the id."},
)
JOIN = kind(("join", "id"), join=JOINED, **{"as": PARTNER_NAME})
ANSWER = kind(("answer",), answer=ANSWERED)


def _end(word: str, about: str) -> Schema:
    return kind((word,), **{word: {**TEXT, "description": about}})


#: Each kind by the key that tells it, in the order of keys.KINDS; a step with none of them uses a
#: connector.
KIND_SCHEMAS: Mapping[str, Schema] = {
    "for_each": EACH,
    "ask": QUESTION,
    "choose": CHOOSE,
    "set": SET,
    "reject": _end("reject", "The record goes no further; the report gives this reason."),
    "skip": _end("skip", "The record is left out; the report gives this reason."),
    "stop": _end("stop", "The whole run stops here with this message."),
    "call": CALL,
    "wait": WAIT,
    "until": UNTIL,
    "parallel": PARALLEL,
    "collect": COLLECT,
    "join": JOIN,
    "answer": ANSWER,
    "steps": GROUP,
}


def step_schema(actions: Sequence[Action], read: Sequence[Schema]) -> Schema:
    """Return the schema of one step, of whatever kind.

    :param read: what holds of actions at accounts that were asked for their fields.
    """
    step = _step(actions, read)
    schema = step
    for word, then in reversed([*KIND_SCHEMAS.items()]):
        if word == "for_each":
            then = {"if": {"required": ["steps"]}, "then": then, "else": _beside_its_step(step)}
        schema = {"if": {"required": [word]}, "then": then, "else": schema}
    return schema


def _beside_its_step(step: Schema) -> Schema:
    """Return the schema of a loop whose one step is written in the same map."""
    return {
        "properties": {**step["properties"], **EACH["properties"]},
        "allOf": step["allOf"],
    }


BLANK: Schema = {"enum": ["leave alone", "clear", "reject"]}


def _step(actions: Sequence[Action], read: Sequence[Schema]) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["use"],
        "properties": {
            "id": ID,
            "use": operation_names(actions),
            "connection": {
                **TEXT,
                "description": "Default: the connector's name. `person`: a person does it by hand.",
                "examples": [PERSON],
            },
            "person": BY_PERSON,
            "with": {"type": "object"},
            "key": {**TEXT, "description": "Which record this is to the link table: `matter.id`."},
            "if": IF,
            "blank": {
                "default": "leave alone",
                "description": "What an empty source field does to the target's field: a word for "
                "all, or by field, with `otherwise` for the rest.",
                "anyOf": [BLANK, {"type": "object", "additionalProperties": _by_field()}],
            },
            "if_none": {
                "description": "What to do when a search finds nothing; or steps that make it.",
                "anyOf": [
                    {"enum": ["continue"]},
                    *(
                        {
                            "type": "object",
                            "additionalProperties": False,
                            "required": [then],
                            "properties": {then: TEXT},
                        }
                        for then in ("reject", "skip")
                    ),
                    STEPS,
                    {"allOf": [{"minProperties": 2}, STEP]},
                ],
            },
            "on_error": _on_error(),
            "otherwise": {
                "description": "Steps that stand in when it fails; they read `error.reason`.",
                "anyOf": [STEPS, STEP],
            },
        },
        "allOf": [*(when_used(action) for action in actions), *read],
    }


def _by_field() -> Schema:
    return {"anyOf": [BLANK, {"type": "object"}]}


def _on_error() -> Schema:
    return {
        "type": "object",
        "description": "What to do when the step goes wrong.",
        "additionalProperties": False,
        "properties": {
            "rate_limited": {
                "enum": list(RATE_LIMITED),
                "description": "At the app's limit: wait as long as it takes, or fail the record. "
                "Left out: wait a little, then stop the run until the next one.",
            },
            "no_answer": {
                **TEXT,
                "pattern": f"^{OTHERWISE.pattern}$",
                "examples": ["retry 6 times then hold", *THEN],
                "description": "The app can't be reached, or has a problem of its own. "
                "Left out: as `otherwise` says.",
            },
            "bad_answer": {
                "enum": list(THEN),
                "description": "The app answered something unforeseen. Left out: as `otherwise` "
                "says.",
            },
            "not_found": {
                "enum": list(NOT_FOUND),
                "description": "The app has no such thing, e.g. it was deleted there. Left out: "
                "as `rejected` says.",
            },
            "rejected": {
                "enum": list(REJECTED),
                "default": "report",
                "description": "What a rejected record does to the run.",
            },
            "otherwise": {
                **TEXT,
                "pattern": f"^{OTHERWISE.pattern}$",
                "examples": ["retry 3 times then hold", *THEN],
                "default": "fail",
                "description": "What becomes of a record after a failure: it is held for a person, "
                "failed (the next run tries it again) or skipped.",
            },
        },
    }
