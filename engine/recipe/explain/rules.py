"""What is said of a recipe as a whole, and of a step that goes wrong."""

from collections.abc import Iterator, Mapping

from engine.nouns import Noun
from engine.recipe.explain.phrases import Phrases
from engine.recipe.model import Mode, Recipe, ReportWhen
from engine.recipe.steps import OnError, Step
from engine.recipe.texts import texts_of

MODES: Mapping[Mode, str] = {
    "single": "",
    "queued": "A run that is asked for while another is active waits until that one is done.",
    "restart": "A run that is asked for while another is active takes its place.",
}
WHEN: Mapping[ReportWhen, str] = {
    "always": "after every run",
    "anything needs attention": "when something needs attention",
    "failure": "when a run fails",
}


def rules_of(recipe: Recipe, noun: Noun) -> Iterator[str]:
    """Yield what holds for the whole recipe, a sentence each."""
    limits, report = recipe.limits, recipe.report
    if limits.new is not None:
        yield (
            f"If more than {noun.count(limits.new)} of a run are new, they wait until a person lets "
            "them through."
        )
    if limits.rejected is not None:
        yield f"A run stops where more than {limits.rejected:.0%} of its {noun.many} are rejected."
    if MODES[recipe.mode]:
        yield MODES[recipe.mode]
    if recipe.two_way is not None:
        yield (
            f"The recipe “{recipe.two_way.value}” bridges in the other direction; what it wrote "
            "itself is left out here."
        )
    if report.send_to:
        yield f"The report goes to {', '.join(report.send_to)} {WHEN[report.when]}."
    if report.tell_if_rejected_over is not None:
        share = f"{report.tell_if_rejected_over:.0%}"
        yield f"Somebody is told where more than {share} of the {noun.many} are rejected."
    if recipe.blueprint is not None:
        given = ", ".join(
            f"{name}: {value}"
            for name, value in recipe.blueprint.given.items()
            if value is not None
        )
        yield f"It is made from the blueprint “{recipe.blueprint.name.value}”" + (
            f" with {given}." if given else "."
        )


def by_hand(step: Step, say: Phrases) -> Iterator[str]:
    """Yield what is said to the person who does a step, and how long it may take."""
    if not step.by_person or step.person is None:
        return
    told = step.person
    if told.note is not None:
        yield f"It says: {say.template(told.note.value)}"
    if told.people:
        people = " or ".join(say.template(person.value) for person in told.people)
        yield f"It is a task for {people}."
    if told.within is not None:
        yield f"It waits for {length(told.within.total_seconds())} at most."


def when_empty(step: Step, noun: Noun) -> Iterator[str]:
    """Yield what a step's empty fields do, those with a word of their own last."""
    does: Mapping[str, tuple[str, str]] = {
        "leave alone": ("leaves alone what is there", "what is there stays"),
        "clear": ("empties it there", "it is emptied there, too"),
        "reject": (f"rejects the {noun.one}", f"the {noun.one} is rejected"),
    }
    own = {".".join(path): texts_of(value) for path, value in step.blanks.values.items()}
    if step.blank != "leave alone":
        which = "Any other empty field" if own else "An empty field"
        yield f"{which} {does[step.blank][0]}."
    for name, texts in own.items():
        yield f"If {name} is empty, {does[texts[0].value][1]}."


def when_wrong(rule: OnError, noun: Noun) -> Iterator[str]:
    """Yield what becomes of a record for which a step goes wrong, where it isn't the usual."""
    one = noun.one
    after = {
        "fail": "fails, and the next run tries it again",
        "hold": "is held until a person retries it",
        "skip": "is left out",
    }
    if rule.rate_limited == "wait":
        yield "At the app's limit it waits as long as it takes."
    elif rule.rate_limited == "fail":
        yield f"At the app's limit the {one} fails at once."
    if rule.rejected == "stop":
        yield f"Where a {one} is rejected, the whole run stops."
    if rule.not_found == "skip":
        yield f"Where the app has no such thing, the {one} is left out."
    elif rule.not_found == "stop":
        yield "Where the app has no such thing, the whole run stops."
    elif rule.not_found == "report" and rule.rejected == "stop":
        yield f"Where the app has no such thing, the {one} is only reported."
    if rule.no_answer is not None and rule.no_answer != rule.then:
        yield f"If the app doesn't answer, the {one} {after[rule.no_answer]}."
    if rule.bad_answer is not None and rule.bad_answer != rule.then:
        yield f"If the app's answer is unforeseen, the {one} {after[rule.bad_answer]}."
    if rule.retries is not None:
        times = {0: "not tried again", 1: "tried once more"}.get(
            rule.retries, f"tried {rule.retries} times more"
        )
        yield f"A request that fails is {times}; then the {one} {after[rule.then]}."
    elif rule.then != "fail":
        yield f"If it fails, the {one} {after[rule.then]}."


def length(seconds: float) -> str:
    """Return a length of time in the largest unit that it is a whole number of."""
    # A month counts 31 days and a year 366, as the loader reads them.
    for unit, size in (
        ("year", 366 * 86400),
        ("month", 31 * 86400),
        ("day", 86400),
        ("hour", 3600),
        ("minute", 60),
    ):
        if seconds >= size and seconds % size == 0:
            number = int(seconds // size)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{seconds:g} seconds"
