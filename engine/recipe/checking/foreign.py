"""What people write who come from another tool or language, and what it is called here.

Expressions first: JavaScript, Python, Excel, SQL, PHP, n8n, Zapier, Make, Home Assistant. Each habit has
the sentence that explains it and, where that is certain, what to write instead.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Rewrite = Callable[[re.Match[str]], str]

STRAIGHT = str.maketrans({"“": "'", "”": "'", "„": "'", "‘": "'", "’": "'", "«": "'", "»": "'"})


@dataclass(frozen=True)
class Habit:
    """Something other languages write.

    :param found: a pattern of where it stands in an expression; texts in quotes are made unreadable
        before. It is compiled when there is a mistake to explain: that takes 3 ms for all.
    :param better: what stands there instead, where that is certain.
    """

    found: str
    message: str
    hint: str = ""
    better: str | Rewrite | None = None
    everywhere: bool = False


#: A text in quotes.
ONE_TEXT = r"(?:'[^'{}]*'|\"[^\"{}]*\")"


def _one_of_several(found: re.Match[str]) -> str:
    """Return `a in ['x', 'y']` for `a == 'x' or 'y'`, and `a not in …` for `a != 'x' or 'y'`."""
    texts = re.findall(ONE_TEXT, found[0][found.end("value") - found.start() :])
    sign = "in" if found["first"] else "not in"
    return f"{found['value']} {sign} [{', '.join(texts)}]"


HABITS: tuple[Habit, ...] = (
    Habit(
        r"&(?:quot|amp|lt|gt|apos|nbsp|#39|#34);",
        "This is how web pages write a character; a recipe has the character itself.",
        better=lambda found: html.unescape(found[0]).replace("\xa0", " ").replace('"', "'"),
        everywhere=True,
    ),
    Habit(
        r"[“”„‘’«»]",
        "These are curly quotes; an expression needs straight ones.",
        "Word processors turn straight quotes into curly ones.",
        lambda found: found[0].translate(STRAIGHT),
        everywhere=True,
    ),
    Habit(
        r"[\u200b-\u200f\u2060\ufeff\u00ad]",
        "There is a character here that can't be seen.",
        "It came along when the text was copied.",
        lambda found: "",
        everywhere=True,
    ),
    Habit(
        r"\{\{(?P<before>[^{}]*)\{\{(?P<inner>[^{}]*)\}\}",
        "There are braces within braces.",
        "",
        lambda found: f"{{{{{found['before']}{found['inner'].strip()}",
    ),
    Habit(r",\s*(?=\}\}|$)", "There is a comma at the end.", "", ""),
    Habit(
        r"\|\s*(?P<filter>\w+)\s*(?P<at>:)\s*(?P<given>[^|{}\s][^|{}]*?)(?=\s*(?:\||\}\}|$))",
        "What a filter is told stands in brackets.",
        better=lambda found: f"| {found['filter']}({found['given']})",
    ),
    Habit(
        r"(?<![\w.])(?P<value>[A-Za-z_][\w.]*+)\s*+(?:==\s*(?P<first>TEXT)(?P<at>(?:\s+or\s+TEXT)+)"
        r"|!=\s*(?P<not_first>TEXT)(?P<not_more>(?:\s+(?:or|and)\s+TEXT)+))"
        r"(?=\s*(?:\}\}|\)|\||$|(?:and|or|if|else)\b))".replace("TEXT", ONE_TEXT),
        "A text alone is no condition; whether a value is one of several is asked with `in`.",
        better=lambda found: _one_of_several(found),
    ),
    Habit(
        r"\bin\s+(?P<at>TEXT(?:\s*,\s*TEXT)+)(?=\s*(?:\}\}|$|(?:and|or|if|else)\b))".replace(
            "TEXT", ONE_TEXT
        ),
        "Several texts stand in square brackets.",
        better=lambda found: f"in [{found['at']}]",
    ),
    Habit(
        r"&",
        "The character & can't stand here.",
        "To join texts, write `~`; where two conditions have to hold, write `and`.",
    ),
    Habit(r"===", "Two values are compared with two signs, `==`.", better="=="),
    Habit(r"!==", "To say that two values differ, write `!=`.", better="!="),
    Habit(r"<>", "To say that two values differ, write `!=`.", better="!="),
    Habit(r"=>", "For 'at least', write `>=`.", better=">="),
    Habit(r"=<", "For 'at most', write `<=`.", better="<="),
    Habit(r"->", "A field is read with a point, `.`.", better="."),
    Habit(r" ?&& ?", "Where both have to hold, write `and`.", better=" and "),
    Habit(r" ?\|\| ?", "Where one of two is enough, write `or`.", better=" or "),
    Habit(r"\?\.", "A field is read with a point alone; an empty field does no harm.", better="."),
    Habit(
        r" ?\?\? ?", "What to take where a field is empty is written behind `or`.", better=" or "
    ),
    Habit(r"!(?!=)\s*", "The opposite of a condition is written with `not`.", better="not "),
    Habit(
        # It begins behind a sign, not at each letter: a long text is gone through once.
        r"(?<![^?:{}|])(?P<if>[^?:{}|]++)(?P<at>\?)(?P<then>[^?:{}|]++):(?P<else>[^?:{}|]++)(?=\}\}|$)",
        "A choice is written `this if condition else that`.",
        better=lambda found: (
            f"{' ' if found[0][:1].isspace() else ''}{found['then'].strip()} if "
            f"{found['if'].strip()} else {found['else'].strip()}"
            f"{' ' if found[0][-1:].isspace() else ''}"
        ),
    ),
    Habit(r"\?", "A choice is written `this if condition else that`.", ""),
    Habit(
        r"\$(?=\w)",
        "A name is written without $.",
        better="",
    ),
    Habit(
        r"\$",
        "The character $ has no meaning here.",
        "Name the record and its field, e.g. `matter.id`.",
    ),
    Habit(
        r"(?<![\w.)\]])\d+(?:__|\.)[A-Za-z_]\w*",
        "Steps have names here, not numbers.",
        "Name the record or the step's id, then a point and the field, e.g. `matter.id`.",
    ),
    Habit(
        r"(?<!\w)[fF](?=['\"])",
        "Python's f-texts are not available here.",
        "Join texts and values with `~`, or write text outside the braces: `Dear {{ … }}`.",
    ),
    Habit(
        r"\bfor\s+\w+\s+in\b",
        "There are no loops in an expression.",
        "`| map('field')` takes one field of every entry, `| where('field', value)` keeps some.",
    ),
    Habit(
        r"(?<!\.)\b(?:AND|OR|NOT|IN|IS|IF|ELSE)\b(?!\s*\()",
        "This word is written in small letters.",
        better=lambda found: found[0].lower(),
    ),
    Habit(
        r"\bis\s+not\s+(?:equal\s+to\s+)?(?=['\"\d])|\bnot\s+equals?(?:\s+to)?\b",
        "To say that two values differ, write `!=`.",
        better=lambda found: "!= " if found[0][-1:].isspace() else "!=",
    ),
    Habit(
        r"\bis\s+(?:equal\s+to\s+)?(?=['\"\d])|(?<![.|\w'])\s*\b(?:equals|equal\s+to|eq)\b\s*(?=['\"\w])",
        "To say that two values are equal, write `==`.",
        better=lambda found: " == " if found[0][:1].isspace() else "== ",
    ),
    Habit(
        r"\b(?:contains|includes|has)\s+(?P<what>['\"][^'\"]*['\"])",
        "To ask whether a text holds another, write `is containing('…')`.",
        better=lambda found: f"is containing({found['what']})",
    ),
    Habit(
        r"\b(?:starts?\s?with|begins?\s?with)\s+(?P<what>['\"][^'\"]*['\"])",
        "To ask how a text begins, write `is starting_with('…')`.",
        better=lambda found: f"is starting_with({found['what']})",
    ),
    Habit(
        r"\bends?\s?with\s+(?P<what>['\"][^'\"]*['\"])",
        "To ask how a text ends, write `is ending_with('…')`.",
        better=lambda found: f"is ending_with({found['what']})",
    ),
    Habit(
        r"\b(?:like|matches|regex)\s+(?=['\"])",
        "There are no patterns in expressions.",
        "Ask `is containing('…')`, `is starting_with('…')` or `is ending_with('…')`.",
    ),
    Habit(
        r"(?<=\w)\s+exists\b",
        "To ask whether something is there, write `is not blank`.",
        better=" is not blank",
    ),
    Habit(r"(?<!\.)\bthen\b", "A choice is written `this if condition else that`.", ""),
)

#: Names that other languages give to what is `none`, `true` and `false` here.
CONSTANTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("null", "nil", "undefined", "Null", "NULL", "NONE", "empty", "Nothing"), "none"
    ),
    **dict.fromkeys(("yes", "TRUE", "on", "Yes", "YES"), "true"),
    **dict.fromkeys(("no", "FALSE", "off", "No", "NO"), "false"),
}

#: What to write instead of functions that no filter has the name of.
FUNCTIONS: Mapping[str, str] = {
    "if": "Write `this if condition else that`.",
    "iif": "Write `this if condition else that`.",
    "switch": "Write `this if condition else that`, or a table under `translate:`.",
    "concat": "Join texts with `~`, or write them outside the braces.",
    "concatenate": "Join texts with `~`, or write them outside the braces.",
    "coalesce": "Write `this or that`.",
    "ifempty": "Write `this or that`.",
    "ifnull": "Write `this or that`.",
    "isblank": "Write `… is blank`.",
    "isempty": "Write `… is blank`.",
    "isnull": "Write `… is none`.",
    "str": "Nothing is needed: the field that it goes to says what it becomes.",
    "string": "Nothing is needed: the field that it goes to says what it becomes.",
    "states": "Name the record and its field, e.g. `matter.status`.",
    "state_attr": "Name the record and its field, e.g. `matter.status`.",
    **dict.fromkeys(
        ("now", "today", "utcnow", "getdate", "datetime", "date"),
        "The day of the run is `today`, its time `now`, both without brackets.",
    ),
    "range": "There are no loops in an expression.",
    "dict": "Name the fields one by one.",
    "print": "Only name the value: `{{ matter.id }}`.",
    "substring": "Write `… | left(5)` or `… | right(5)`.",
    "len": "Write `… | length`.",
    "count": "Write `… | length`.",
    "toupper": "Write `… | upper`.",
    "tolower": "Write `… | lower`.",
    "proper": "Write `… | title`.",
    "substitute": "Write `… | replace('old', 'new')`.",
    "formatdate": "Write `… | date('d MMMM yyyy')`.",
    "parsedate": "Write `… | date`.",
    "not": "Write `not …`.",
    "and": "Write `this and that`.",
    "or": "Write `this or that`.",
}

#: What a value's methods are in other languages, as the filter or test that does it here.
METHODS: Mapping[str, str] = {
    "lower": "| lower",
    "toLowerCase": "| lower",
    "upper": "| upper",
    "toUpperCase": "| upper",
    "strip": "| trim",
    "trim": "| trim",
    "title": "| title",
    "capitalize": "| capitalize",
    "replace": "| replace",
    "replaceAll": "| replace",
    "split": "| split",
    "join": "| join",
    "first": "| first",
    "last": "| last",
    "length": "| length",
    "size": "| length",
    "count": "| length",
    "startswith": "is starting_with",
    "startsWith": "is starting_with",
    "endswith": "is ending_with",
    "endsWith": "is ending_with",
    "includes": "is containing",
    "contains": "is containing",
}


def first_habit(code: str) -> tuple[Habit, re.Match[str]] | None:
    """Return the first thing in an expression that another language writes.

    :param code: the expression; the texts in quotes made unreadable.
    """
    found = [(habit, match) for habit in HABITS if (match := re.search(habit.found, code))]
    return min(found, key=lambda pair: pair[1].start(), default=None)


def place_of(found: re.Match[str]) -> int:
    """Return where the caret stands under what was found."""
    if "at" in found.re.groupindex:
        return found.start("at")
    return found.start() + len(found[0]) - len(found[0].lstrip())


def rewritten(source: str, habit: Habit, found: re.Match[str]) -> str:
    """Return the source with the habit's words replaced; empty where that isn't certain.

    Of curly quotes and characters of web pages there are seldom less than two: all are replaced.
    """
    if habit.everywhere:
        assert callable(habit.better)
        return re.sub(habit.found, habit.better, source)
    if habit.better is None:
        return ""
    start, end = found.span()
    if isinstance(habit.better, str):
        return source[:start] + habit.better + source[end:]
    # The match was made where texts can't be read: the words come from the source itself.
    real = re.compile(habit.found).match(source, start)
    return source[:start] + habit.better(real) + source[real.end() :] if real else ""
