"""How deep and how long an expression may be: beyond that it is refused before any record comes.

Parsers and compilers go down an expression by calling themselves, so that one of a few hundred
levels would end in a crash that depends on who called. The bounds are far above what people write.
"""

import math
import re
from collections.abc import Iterable, Iterator

from jinja2 import Environment, nodes
from jinja2.exceptions import TemplateSyntaxError

from engine.recipe.texts import half_character

#: Brackets within brackets.
DEEPEST_BRACKETS = 20
#: Parts within parts: each filter of a chain, each `+` and each `or` is one around the other.
DEEPEST = 60
#: Names, values, filters and operators of one template.
MOST_PARTS = 2_000
#: Characters of them; the text around them doesn't count.
LONGEST = 80_000
#: Digits of a whole number that is written out.
MOST_DIGITS = 30

#: What could be a number of more digits.
LONG_NUMBER = re.compile(rf"[0-9a-fA-FxXoO_]{{{MOST_DIGITS + 1}}}")
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
SPLIT_IT = (
    "Work out a part of it in a step of its own, or use a shorter form such as `is one_of(…)`."
)


class UnfitError(TemplateSyntaxError):
    """What can be parsed, and yet is no expression for a recipe: too deep, too long, too large.

    :param lineno: where, as the parser counts.
    """

    def __init__(self, message: str, lineno: int, hint: str = "") -> None:
        super().__init__(message, lineno)
        self.hint = hint


def too_deep(place: int = 1) -> UnfitError:
    """Return the error of an expression that is nested too deeply."""
    return UnfitError("This is nested too deeply.", place, SPLIT_IT)


Token = tuple[int, str, str]


def shallow(tokens: Iterable[Token]) -> Iterator[Token]:
    """Pass the lexer's tokens on, as long as brackets aren't nested too deeply.

    :raises UnfitError: they are.
    """
    depth = 0
    for token in tokens:
        place, kind, text = token
        if kind == "operator":
            depth += (text in OPENING) - (text in CLOSING)
            if depth > DEEPEST_BRACKETS:
                raise too_deep(place)
        elif kind == "integer" and len(text) > MOST_DIGITS:
            raise _too_large(place)
        yield token


def check_length(source: str, *, bare: bool) -> None:
    """Look at how long a template is, before anything goes through it.

    :param bare: it is an expression without braces; else what stands around braces doesn't count.
    :raises UnfitError: it is too long.
    """
    spans = iter([(0, len(source))]) if bare else _in_braces(source)
    code = 0
    for start, end in spans:
        code += end - start
        if code > LONGEST:
            raise UnfitError("This is too long for one template.", start + 1, SPLIT_IT)


def _in_braces(source: str) -> Iterator[tuple[int, int]]:
    """Return where each ``{{ }}`` begins and ends; braces that nothing closes are read once only."""
    end = 0
    while (start := source.find("{{", end)) >= 0:
        end = source.find("}}", start) + 2
        if end < 2:
            return
        yield start, end


def check_source(environment: Environment, source: str, state: str | None = None) -> None:
    """Look at the brackets and numbers of a text before a parser does.

    :param state: ``variable`` for a bare expression.
    :raises UnfitError: they are nested too deeply, or too large.
    :raises TemplateSyntaxError: the text is no template.
    """
    check_length(source, bare=state is not None)
    brackets = sum(source.count(bracket) for bracket in OPENING)
    if brackets <= DEEPEST_BRACKETS and LONG_NUMBER.search(source) is None:
        return
    for _ in shallow(environment.lexer.tokeniter(source, None, None, state)):
        pass


def check_tree(tree: nodes.Node) -> None:
    """Look at an expression's size before it is compiled.

    :raises UnfitError: it is too deep, too long, or a number in it is too large.
    """
    waiting = [(tree, 1)]
    parts = 0
    while waiting:
        node, depth = waiting.pop()
        parts += 1
        if depth > DEEPEST:
            raise too_deep(node.lineno)
        if parts > MOST_PARTS:
            raise UnfitError("This is too long for one template.", node.lineno, SPLIT_IT)
        match node:
            case nodes.Const(value=float() as number) if not math.isfinite(number):
                raise _too_large(node.lineno)
            case nodes.Const(value=str() as text) if half_character(text) is not None:
                raise UnfitError(
                    "This is half a character, which no text may hold.",
                    node.lineno,
                    "Write the character itself.",
                )
            case nodes.Filter() | nodes.Test() | nodes.Call():
                given = [pair.key for pair in node.kwargs]
                if len(set(given)) < len(given):
                    raise UnfitError("The same is given twice here.", node.lineno)
        waiting.extend((child, depth + 1) for child in node.iter_child_nodes())


def _too_large(place: int) -> UnfitError:
    return UnfitError(
        "This number is too large.", place, "In quotes it is text and can have any length."
    )
