"""The words a recipe is made of, and which stand where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A map of the recipe.

    :param name: what messages call it.
    :param required: keys it can't do without.
    :param optional: keys it may have besides.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return self.required + self.optional


RECIPE = Place(
    "a recipe",
    ("name", "trigger", "steps"),
    ("description", "skip", "translate", "mode", "two_way", "limits", "report"),
)
#: A recipe with several triggers.
SEVERAL = Place("a recipe", ("name", "triggers", "steps"), RECIPE.optional)
TRIGGER = Place(
    "the trigger",
    ("use",),
    (
        "id", "connection", "with", "as", "schedule", "timezone", "missed", "jitter", "first_run",
        "overlap",
    ),
)  # fmt: skip
SKIP = Place("a skip rule", ("if", "reason"), ())
STEP = Place(
    "a step",
    ("use",),
    (
        "id", "connection", "person", "with", "key", "if", "blank", "if_none", "on_error",
        "otherwise",
    ),
)  # fmt: skip
#: What a step says to the person who does it by hand.
BY_PERSON = Place("'person'", (), ("note", "of", "within", "otherwise"))
EACH = Place("a loop", ("for_each", "steps"), ("as", "id", "key", "if", "if_item_fails"))
CHOOSE = Place("a choice", ("choose",), ("id", "if", "otherwise"))
BRANCH = Place("a branch", ("if", "steps"), ())
GROUP = Place("a group of steps", ("if", "steps"), ("id", "otherwise"))
SET = Place("'set'", ("set", "id"), ("if",))
REJECT = Place("'reject'", ("reject",), ("id", "if"))
SKIP_HERE = Place("'skip'", ("skip",), ("id", "if"))
STOP = Place("'stop'", ("stop",), ("id", "if"))
CALL = Place("a call", ("call",), ("with", "id", "if"))
WAIT = Place("'wait'", ("wait",), ("id", "if"))
UNTIL = Place("'until'", ("until", "steps"), ("id", "every", "at_most", "within", "if_never", "if"))
PARALLEL = Place("'parallel'", ("parallel",), ("id", "if"))
COLLECT = Place("'collect'", ("collect", "id", "steps"), ("size", "if"))
WAY = Place("a branch", ("steps",), ())
WAIT_UNTIL = Place("'wait'", ("until",), ())
ON_ERROR = Place(
    "'on_error'",
    (),
    ("rate_limited", "no_answer", "bad_answer", "not_found", "rejected", "otherwise"),
)
LIMITS = Place("'limits'", (), ("hold_if_more_than", "stop_if_rejected_over"))
REPORT = Place("the report", (), ("send_to", "when", "tell_if_rejected_over"))
ASK = Place(
    "a question",
    ("ask",),
    ("id", "details", "choices", "answer", "of", "within", "otherwise", "on_no", "if"),
)
CALLED = Place(
    "a recipe to be called",
    ("name", "steps"),
    ("inputs", "outputs", "description", "translate"),
)
INPUT = Place(
    "an input", (), ("type", "required", "default", "description", "choices", "of", "pick")
)
BLUEPRINT = Place("a blueprint", RECIPE.required, ("inputs", *RECIPE.optional))
FROM_BLUEPRINT = Place(
    "a recipe from a blueprint", ("blueprint",), ("name", "description", "inputs")
)
TABLE_FILE = Place("a table in a file", ("file",), ("from", "to"))
JOIN = Place("'join'", ("join", "id"), ("as", "if"))
JOINED = Place("a join", ("left", "right", "on"), ("keep",))
ANSWER = Place("'answer'", ("answer",), ("id", "if"))
ANSWERED = Place("the answer to a caller", (), ("status", "body", "headers"))
JOINED_ON = Place("'on' of a join", ("left", "right"), ())
#: Kinds of steps, by the key that tells them; a step's first one counts.
KINDS = {
    "for_each": EACH,
    "ask": ASK,
    "use": STEP,
    "choose": CHOOSE,
    "set": SET,
    "reject": REJECT,
    "skip": SKIP_HERE,
    "stop": STOP,
    "call": CALL,
    "wait": WAIT,
    "until": UNTIL,
    "parallel": PARALLEL,
    "collect": COLLECT,
    "join": JOIN,
    "answer": ANSWER,  # behind "ask", which has a key of this name
    "steps": GROUP,
}
PLACES = (
    RECIPE,
    SEVERAL,
    TRIGGER,
    SKIP,
    *KINDS.values(),
    BRANCH,
    WAY,
    WAIT_UNTIL,
    JOINED,
    ANSWERED,
    BY_PERSON,
    ON_ERROR,
    LIMITS,
    REPORT,
)

ALL_KEYS = frozenset(key for place in (*PLACES, CALLED, FROM_BLUEPRINT) for key in place.keys)
