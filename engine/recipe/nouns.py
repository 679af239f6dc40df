"""What people call the records of a recipe: matters, invoices, orders."""

from engine.nouns import Noun, plural
from engine.operations import Operation
from engine.recipe.model import TriggerUse


def noun_of_use(use: TriggerUse, operation: Operation) -> Noun:
    """Return what the records of one of a recipe's triggers are called.

    A trigger that takes anything (a list of any API) has no word for it but *record*; the name
    that the recipe gives it with ``as:`` says more.
    """
    called = use.record.value.replace("_", " ").strip()
    if operation.noun != Noun() or called == Noun().one:
        return operation.noun
    return Noun(called, plural(called))
