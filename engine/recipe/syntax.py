"""Templates parsed for checking: every node of the syntax tree knows its place in the text.

Jinja's nodes know only their line. Here the lexer is given offsets in the place of line numbers,
so ``node.lineno`` is the offset of the node's token, and a caret can stand under a misspelt word.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.lexer import TokenStream
from jinja2.parser import Parser

from engine.recipe.bounds import UnfitError, check_tree, shallow, too_deep
from engine.recipe.environment import RecipeEnvironment

#: Braces that were meant to be ``{{ }}``.
HALF_OPEN = re.compile(r"(?<!\{)\{\s*[A-Za-z_][^{}]*\}\}")

#: What stands in the place of characters that other languages use.
INSTEAD = {
    "'": "Text needs quotes at both its ends.",
    '"': "Text needs quotes at both its ends.",
    "&": "Write `and`.",
    "!": "Write `not`.",
    "?": "Write `this if condition else that`.",
    "$": "Names are written without it.",
}


@dataclass(eq=False)
class Mistake(Exception):
    """A text that is no template.

    :param offset: where in the text.
    :param corrected: the text as it should be, where that is certain; else empty.
    """

    offset: int
    message: str
    hint: str = ""
    corrected: str = ""


def parse_template(environment: RecipeEnvironment, source: str) -> list[nodes.Expr]:
    """Return the parts of a template: :class:`jinja2.nodes.TemplateData` and expressions.

    :raises Mistake: it isn't one, or it holds ``{% %}`` statements.
    """
    if "{{" not in source:
        half = HALF_OPEN.search(source)
        if half is not None:
            at = half.start()
            raise Mistake(
                at,
                "A template begins with two braces, and here is one.",
                corrected=f"{source[:at]}{{{source[at:]}",
            )
    if "{%" in source:
        raise Mistake(
            source.index("{%"),
            "Statements in {% %} are not available here.",
            "Use a filter such as `| default('…')`, write `{{ a if condition else b }}`, or give "
            "the step an `if:`.",
        )
    try:
        body = _parsed(_parser(environment, source, None).parse).body
    except TemplateSyntaxError as error:
        raise _explained(error, source) from error
    parts: list[nodes.Expr] = []
    for node in body:
        assert isinstance(node, nodes.Output)  # statements were refused above
        parts.extend(node.nodes)
    return parts


def parse_expression(environment: RecipeEnvironment, source: str) -> nodes.Expr:
    """Return the syntax tree of a bare expression; braces around all of it are accepted.

    :raises Mistake: it isn't one.
    """
    text = source
    if has_braces(source):
        text = source.replace("{{", "  ", 1)
        end = text.rindex("}}")
        text = text[:end] + "  " + text[end + 2 :]
    if "{{" in text or "}}" in text:
        raise Mistake(
            min(place for place in (text.find("{{"), text.find("}}")) if place >= 0),
            "There are no {{ }} in an expression.",
            corrected=re.sub(r"\{\{\s*|\s*\}\}", "", source),
        )
    single = re.search(r"(?<![=!<>])=(?!=)", re.sub(r"'[^']*'|\"[^\"]*\"", _blanked, text))
    if single is not None and "(" not in text[: single.start()]:
        raise Mistake(
            single.start(),
            "Two values are compared with two signs, `==`.",
            corrected=f"{source[: single.start()]}=={source[single.end() :]}",
        )
    try:
        parser = _parser(environment, text, "variable")
        expression = _parsed(parser.parse_expression)
        if not parser.stream.eos:
            rest = parser.stream.current
            parser.fail(f"unexpected '{rest.value}'", rest.lineno)
    except TemplateSyntaxError as error:
        raise _explained(error, text) from error
    return expression


def has_braces(source: str) -> bool:
    """Return whether a bare expression stands in ``{{ }}`` all the same."""
    bare = source.strip()
    return bare.startswith("{{") and bare.endswith("}}") and "}}" not in bare[:-2]


Tree = TypeVar("Tree", bound=nodes.Node)


def _parsed(parse: Callable[[], Tree]) -> Tree:
    try:
        tree = parse()
    except RecursionError:
        raise too_deep(0) from None
    check_tree(tree)
    return tree


def _parser(environment: RecipeEnvironment, source: str, state: str | None) -> Parser:
    parser = Parser(environment, "", state=state)
    places = _with_places(environment, source, state)
    parser.stream = TokenStream(environment.lexer.wrap(shallow(places)), None, None)
    return parser


def _with_places(
    environment: RecipeEnvironment, source: str, state: str | None
) -> Iterator[tuple[int, str, str]]:
    """Yield Jinja's raw tokens with their offset instead of their line."""
    place = 0
    try:
        for _, kind, value in environment.lexer.tokeniter(source, None, None, state):
            found = source.find(value, place)  # `{{-` swallows spaces, so search
            place = found if found >= 0 else place
            yield place, kind, value
            place += len(value)
    except TemplateSyntaxError as error:
        at = re.search(r" at (\d+)$", str(error.message))
        error.lineno = int(at[1]) if at else place
        raise


def _explained(error: TemplateSyntaxError, source: str) -> Mistake:
    """Return Jinja's complaint in plain words."""
    words = str(error.message)
    place = min(error.lineno, len(source))
    if isinstance(error, UnfitError):
        return Mistake(place, words, error.hint)
    opened = source.rfind("{{", 0, place + 1)
    if opened >= 0 and "}}" not in source[opened:]:
        single = re.fullmatch(r"\{\{([^{}]*)\}?", source[opened:])
        return Mistake(
            opened,
            "The {{ that opens here is never closed.",
            "Every {{ ends with }}.",
            f"{source[:opened]}{{{{ {single[1].strip()} }}}}" if single else "",
        )
    if "end of template" in words or ("end of print statement" in words and place >= len(source)):
        place = len(source.rstrip())
        return Mistake(place, "The expression ends too early.", "Something is missing after this.")
    if re.match(r"unexpected char ", words):
        letter = source[place : place + 1]
        return Mistake(place, f"The character {letter} can't stand here.", INSTEAD.get(letter, ""))
    if bracket := re.search(r", expected '([)\]}])'", words):
        opening = {")": "(", "]": "[", "}": "{"}[bracket[1]]
        at = source.rfind(opening, 0, place)
        return Mistake(max(at, 0), f"The {opening} that opens here is never closed.")
    got = re.search(r"got '([^']+)'", words) or re.search(r"unexpected '([^']+)'", words)
    what = source[place:].split(maxsplit=1)[0][:20] if source[place:].strip() else ""
    if got is None or got[1] in {"end of print statement", "end of template"} or not what:
        return Mistake(place, "The expression isn't complete.", "Something is missing here.")
    return Mistake(
        place,
        f"'{what}' can't stand here.",
        "Text needs quotes, and filters are set off with `|`.",
    )


def _blanked(found: re.Match[str]) -> str:
    return " " * len(found[0])
