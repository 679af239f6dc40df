"""The words a recipe is made of: which keys stand where, and which come later."""

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
    "a recipe", ("name", "trigger", "steps"), ("description", "skip", "translate", "report")
)
TRIGGER = Place(
    "the trigger",
    ("use",),
    (
        "connection", "with", "as", "schedule", "timezone", "missed", "jitter", "first_run",
        "overlap",
    ),
)  # fmt: skip
SKIP = Place("a skip rule", ("if", "reason"), ())
STEP = Place(
    "a step", ("use",), ("id", "connection", "with", "key", "if", "blank", "if_none", "on_error")
)
ON_ERROR = Place("'on_error'", (), ("rate_limited", "rejected", "otherwise"))
REPORT = Place("the report", (), ("send_to", "when", "tell_if_rejected_over"))
ASK = Place(
    "a question",
    ("ask",),
    ("id", "details", "choices", "answer", "of", "within", "otherwise", "on_no", "if"),
)
PLACES = (RECIPE, TRIGGER, SKIP, STEP, ON_ERROR, REPORT, ASK)

#: Keys that recipes will have; they get a message of their own.
LATER = frozenset(
    {
        "call", "choose", "collect", "for_each", "inputs", "join", "limits", "mode", "parallel",
        "reject", "set", "stop", "triggers", "until", "wait",
    }
)  # fmt: skip

#: What else people call a key; it counts where the key may stand.
ALSO_CALLED = {
    "condition": "if",
    "cron": "schedule",
    "deadline": "within",
    "every": "schedule",
    "fields": "with",
    "options": "choices",
    "question": "ask",
    "recipients": "send_to",
    "to": "send_to",
    "when": "if",
    "who": "of",
    "zone": "timezone",
}

ALL_KEYS = frozenset(key for place in PLACES for key in place.keys) | LATER
