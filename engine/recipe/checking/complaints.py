"""One thing wrong with a template, as the checks of expressions and filters say it."""

from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import nodes

from engine.recipe.checking.foreign import METHODS
from engine.recipe.checking.scopes import NoSuchField
from engine.recipe.findings import NO_SUCH_COLUMN, Level
from engine.recipe.suggest import SURE, did_you_mean, nearest, same_thing, surely

#: A guessed schema knows only some fields, so only a near miss of one of them, or its letters in
#: another order, is a mistake.
NEAR_MISS = 0.85


@dataclass(eq=False)
class Complaint(Exception):
    """A finding that knows only its template.

    :param offset: where in the template.
    :param word: the word at fault, at or behind the offset; the caret stands under it.
    :param better: what the word should be, where that is certain.
    :param level: a hint is no mistake, and shown only where hints are wanted.
    """

    offset: int
    code: str
    message: str
    hint: str = ""
    word: str = ""
    better: str = ""
    level: Level = "mistake"


def misspelt(
    offset: int,
    code: str,
    message: str,
    word: str,
    known: Iterable[str],
    *,
    near: str | None = None,
    listed: str = "There are",
) -> Complaint:
    """Return the complaint about a word that isn't known, with the nearest that is.

    :param near: what was meant, where that is known better than by likeness.
    :param listed: what precedes the known words where none is near.
    """
    names = list(known)
    better = near or surely(word, nearest(word, names), names)
    hint = f"Did you mean '{near}'?" if near else did_you_mean(word, names, listed)
    return Complaint(offset, code, message, hint, word, better)


def no_such_field(
    node: nodes.Getattr | nodes.Getitem | nodes.Filter, name: str, missing: NoSuchField
) -> Complaint | None:
    """Return the complaint about a field that isn't there; None where it may be there yet."""
    path = path_of(node.node)
    what = f"'{path}'" if path else "This value"
    if isinstance(node, nodes.Filter):
        what = f"An entry of {what if path else 'this list'}"
    method = METHODS.get(name, "") if missing.why != "unknown" else ""
    if method.startswith("|") and not isinstance(node, nodes.Filter):
        return Complaint(
            node.lineno,
            "unknown-field" if missing.why == "scalar" else "field-of-list",
            f"{what} is {missing.kind or 'a list'} and has no '{name}' of its own.",
            f"It is written `{path or '…'} {method}`.",
            f".{name}",
            f" {method}",
        )
    if missing.why == "list":
        return Complaint(
            node.lineno,
            "field-of-list",
            f"{what} is a list, and a list has no '{name}'.",
            f"Take one of its entries, e.g. `({path or '…'} | first).{name}`.",
            name,
        )
    if missing.why == "scalar":
        message = f"{what} is {missing.kind} and has no fields."
        return Complaint(node.lineno, "unknown-field", message, "", name)
    code = NO_SUCH_COLUMN if missing.varies else "unknown-field"
    message = f"{what} has no field '{name}'."
    near = next((known for known in missing.known if sorted(known) == sorted(name)), None)
    if missing.guessed:
        near = near or nearest(name, missing.known, NEAR_MISS)
        if near is None and ("." in path or not path):
            return None  # such records have keys of their own in every account, e.g. columns
        if near is None:
            return _not_in_the_sample(node.lineno, what, name, missing.known)
    if near is None and nearest(name, missing.known, SURE) is None:
        near, sure = same_thing(name, missing.known)
        if near is not None and not sure:
            hint = f"Did you mean '{near}'?"
            return Complaint(node.lineno, code, message, hint, name)
    found = misspelt(node.lineno, code, message, name, missing.known, near=near, listed="It has")
    if missing.varies and path and name.isidentifier() and "Did you mean" not in found.hint:
        found.hint += f" Where a file may lack it, ask: `{path}.{name} is defined`."
    return found


def _not_in_the_sample(offset: int, what: str, name: str, known: tuple[str, ...]) -> Complaint:
    """Return the note about a field that the app's sample record doesn't show.

    It may be there all the same: a sample holds what one record had.
    """
    meant = same_thing(name, known)[0] or nearest(name, known)
    message = f"{what} may have no field '{name}': the app's sample record shows none."
    hint = f"Did you mean '{meant}'?" if meant else did_you_mean(name, known, "It shows")
    return Complaint(offset, "not-in-sample", message, hint, name, level="hint")


def path_of(node: nodes.Node | None) -> str:
    """Return a chain of fields as written, e.g. ``matter.client``; empty for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        above = path_of(node.node)
        return f"{above}.{node.attr}" if above else ""
    return ""
