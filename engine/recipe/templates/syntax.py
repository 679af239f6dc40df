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

from engine.recipe.checking.foreign import first_habit, place_of, rewritten
from engine.recipe.templates.bounds import UnfitError, check_length, check_tree, shallow, too_deep
from engine.recipe.templates.environment import RecipeEnvironment

#: Braces that were meant to be ``{{ }}``.
HALF_OPEN = re.compile(r"(?<!\{)\{\s*[A-Za-z_][^{}]*\}\}")

#: One `=` alone.
SINGLE_EQUALS = re.compile(r"(?<![=!<>])=(?![=<>])")
BRACES = re.compile(r"\{\{((?:[^{}]|\{\{[^{}]*\}\}|\{(?!\{)|\}(?!\}))*)\}\}", re.DOTALL)
QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
TRIPLE = re.compile(r"\{\{\{([^{}]*)\}\}\}")
#: No one writes longer ones, and each is looked through many times.
LONGEST_SCANNED = 2_000

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
    _refuse_length(source, bare=False)
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
    triple = TRIPLE.search(source)
    if triple is not None:
        at, end = triple.span()
        raise Mistake(
            at,
            "A template has two braces on each side, and here are three.",
            corrected=f"{source[:at]}{{{{ {triple[1].strip()} }}}}{source[end:]}",
        )
    for found in BRACES.finditer(source):
        _refuse_habits(source, found.start(), found.end())
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
    _refuse_length(source, bare=True)
    text = source
    if has_braces(source):
        text = source.replace("{{", "  ", 1)
        end = text.rindex("}}")
        text = text[:end] + "  " + text[end + 2 :]
    half = re.fullmatch(r"\s*\{\{([^{}]*)\}\s*", text)
    if half is not None:
        raise Mistake(
            text.index("{{"),
            "The {{ that opens here is never closed, and an expression needs none.",
            corrected=half[1].strip(),
        )
    if "{{" in text or "}}" in text:
        raise Mistake(
            min(place for place in (text.find("{{"), text.find("}}")) if place >= 0),
            "An expression is written without {{ }}.",
            corrected=re.sub(r"\{\{ ?| ?\}\}", "", source),
        )
    _refuse_habits(source, 0, len(source))
    try:
        parser = _parser(environment, text, "variable")
        expression = _parsed(parser.parse_expression)
        if not parser.stream.eos:
            rest = parser.stream.current
            parser.fail(f"unexpected '{rest.value}'", rest.lineno)
    except TemplateSyntaxError as error:
        raise _explained(error, text) from error
    return expression


def _refuse_length(source: str, *, bare: bool) -> None:
    try:
        check_length(source, bare=bare)
    except UnfitError as error:
        raise Mistake(error.lineno - 1, str(error.message), error.hint) from error


def _refuse_habits(source: str, start: int, end: int) -> None:
    """Refuse what other languages write, and `=` where `==` is meant.

    :param start: where the expression begins in the source; its braces may belong to it.
    :raises Mistake: the first of them.
    """
    if end - start > LONGEST_SCANNED:
        return
    code = _blank_texts(source[start:end])
    habit = first_habit(code)
    equals = next((one for one in SINGLE_EQUALS.finditer(code) if not _names(code, one)), None)
    if equals is not None and (habit is None or equals.start() < habit[1].start()):
        at = start + equals.start()
        raise Mistake(
            at,
            "Two values are compared with two signs, `==`.",
            corrected=f"{source[:at]}=={source[at + 1 :]}",
        )
    if habit is not None:
        kind, found = habit
        better = rewritten(source[start:end], kind, found)
        raise Mistake(
            start + place_of(found),
            kind.message,
            kind.hint,
            f"{source[:start]}{better}{source[end:]}" if better else "",
        )


def _names(code: str, equals: re.Match[str]) -> bool:
    """Return whether `=` gives a filter's argument its name, as in ``date(order='day first')``."""
    depth = 0
    for place in range(equals.start() - 1, -1, -1):
        if code[place] == ")":
            depth += 1
        elif code[place] == "(":
            if depth == 0:
                return bool(re.search(r"\w\s*$", code[:place]))
            depth -= 1
    return False


def _blank_texts(code: str) -> str:
    """Return an expression with the texts in it made unreadable; their quotes stay."""
    return QUOTED.sub(lambda text: text[0][0] + "·" * (len(text[0]) - 2) + text[0][-1], code)


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
    if source.startswith("}", place) and not source.startswith("}}", place):
        return Mistake(
            place,
            "A template ends with two braces, and here is one.",
            corrected=f"{source[:place].rstrip()} }}{source[place:]}",
        )
    got = re.search(r"got '([^']+)'", words) or re.search(r"unexpected '([^']+)'", words)
    what = source[place:].split(maxsplit=1)[0][:20] if source[place:].strip() else ""
    if got is None or got[1] in {"end of print statement", "end of template"} or not what:
        return Mistake(place, "The expression isn't complete.", "Something is missing here.")
    before = re.search(r"\.([A-Za-z_]\w*)\s+$", source[:place])
    word = re.match(r"[A-Za-z_]\w*", what)
    one_name = f"If one name is meant, write `{before[1]}_{word[0]}`. " if before and word else ""
    return Mistake(
        place,
        f"'{what}' can't stand here.",
        f"{one_name}Text needs quotes, and filters are set off with `|`.",
    )
