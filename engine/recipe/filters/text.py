"""Filters of text. Nothing stays nothing; none of them can make text much longer than it was."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from anyascii import anyascii

from engine.recipe.filters.errors import (
    LONGEST_TEXT,
    ArgumentError,
    FilterError,
    is_blank,
    may_default,
    on_text,
    quoted,
)

LONGEST_PAD = 1000
YES = frozenset({"yes", "y", "true", "on", "1"})
NO = frozenset({"no", "n", "false", "off", "0"})


@on_text
def lower(text: str) -> str:
    """Make every letter small.

    >>> {{ 'Dana@HarborLaw.example' | lower }}
    dana@harborlaw.example
    """
    return text.lower()


@on_text
def upper(text: str) -> str:
    """Make every letter a capital.

    >>> {{ 'ny' | upper }}
    NY
    """
    return text.upper()


@on_text
def title(text: str) -> str:
    """Begin every word with a capital and make the rest small.

    >>> {{ "dana o'neil-WHITFIELD" | title }}
    Dana O'neil-Whitfield
    """
    return re.sub(r"[^\s\-]+", lambda word: word[0][:1].upper() + word[0][1:].lower(), text)


@on_text
def capitalize(text: str) -> str:
    """Begin the text with a capital and make the rest small.

    >>> {{ 'PERSONAL INJURY' | capitalize }}
    Personal injury
    """
    return text.capitalize()


@on_text
def trim(text: str) -> str:
    """Take away spaces at both ends.

    >>> {{ '  Harbor Law ' | trim }}
    Harbor Law
    """
    return text.strip()


@on_text
def replace(text: str, old: str, new: str) -> str:
    """Put ``new`` wherever ``old`` stands.

    >>> {{ '2024/117' | replace('/', '-') }}
    2024-117
    """
    if not old:
        raise ArgumentError("The filter 'replace' was given nothing to look for.")
    if len(text) + text.count(old) * len(new) > LONGEST_TEXT:
        raise FilterError("The filter 'replace' would make too much text.", code="too_long")
    return text.replace(old, new)


@on_text
def truncate(text: str, length: int) -> str:
    """Keep at most ``length`` characters; what was cut shows as …

    >>> {{ 'Whitfield v. Harbor Freight' | truncate(15) }}
    Whitfield v. H…
    """
    if length < 1:
        raise ArgumentError(f"The filter 'truncate' can't keep {length} characters.")
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


@on_text
def left(text: str, length: int) -> str:
    """Keep the first ``length`` characters.

    >>> {{ '02110-1301' | left(5) }}
    02110
    """
    return text[: max(length, 0)]


@on_text
def right(text: str, length: int) -> str:
    """Keep the last ``length`` characters.

    >>> {{ '+12125550142' | right(4) }}
    0142
    """
    return text[-length:] if length > 0 else ""


@on_text
def before(text: str, mark: str) -> str:
    """Keep what stands before the first ``mark``; all of it where there is none.

    >>> {{ 'dana@harborlaw.example' | before('@') }}
    dana
    """
    return text.partition(mark)[0] if mark else text


@on_text
def after(text: str, mark: str) -> str | None:
    """Keep what stands after the first ``mark``; nothing where there is none.

    >>> {{ 'dana@harborlaw.example' | after('@') }}
    harborlaw.example
    """
    _, found, rest = text.partition(mark) if mark else ("", "", text)
    return rest if found or not mark else None


@may_default
@on_text
def between(text: str, start: str, end: str) -> str | None:
    """Keep what stands between ``start`` and the next ``end``; nothing where they aren't there.

    >>> {{ 'Re: Whitfield [2024-117] hearing' | between('[', ']') }}
    2024-117
    """
    _, found, rest = text.partition(start) if start else ("", True, text)
    inner, ended, _ = rest.partition(end) if end else (rest, True, "")
    return inner if found and ended else None


@may_default
@on_text
def bool_(text: str) -> bool | None:
    """Make true or false of yes and no, true and false, on and off, 1 and 0. Fails for other text.

    >>> {{ 'Yes' | bool }}
    true
    """
    word = text.strip().lower()
    if word in YES or word in NO:
        return word in YES
    if not word:
        return None
    raise FilterError(
        f"{quoted(text)} is neither yes nor no.",
        code="not_yes_or_no",
        hint="Compare it, e.g. `… == 'Active'`, or translate it with a table of the recipe.",
    )


def default(value: Any, instead: Any) -> Any:
    """Use ``instead`` where the field is missing, null or empty text.

    >>> {{ '' | default('Unknown') }}
    Unknown
    """
    return instead if is_blank(value) else value


@on_text
def split(text: str, separator: str | None = None) -> list[str]:
    """Cut text into a list, at spaces or at ``separator``; empty pieces are left out.

    >>> {{ 'vip; newsletter;' | split(';') }}
    ["vip", "newsletter"]
    """
    pieces = text.split(separator) if separator else text.split()
    return [piece.strip() for piece in pieces if piece.strip()]


@on_text
def lines(text: str) -> list[str]:
    r"""Cut text into its lines; empty ones are left out.

    >>> {{ '12 Main St\nBoston, MA 02110' | lines }}
    ["12 Main St", "Boston, MA 02110"]
    """
    return [line.strip() for line in text.splitlines() if line.strip()]


@on_text
def one_line(text: str) -> str:
    r"""Make one line of text: line breaks and several spaces become one space.

    >>> {{ ' 12  Main St\nBoston' | one_line }}
    12 Main St Boston
    """
    return " ".join(text.split())


@on_text
def pad(text: str, length: int, fill: str = "0") -> str:
    """Put ``fill`` before text until it has ``length`` characters.

    >>> {{ 42 | pad(5) }}
    00042
    """
    if len(fill) != 1 or not 0 <= length <= LONGEST_PAD:
        raise ArgumentError(
            f"The filter 'pad' takes a length of at most {LONGEST_PAD} and one character to fill with."
        )
    return text.rjust(length, fill)


@on_text
def ascii_(text: str) -> str:
    """Write text in plain letters, without accents, for systems that take no others.

    >>> {{ 'Zoë Łukasiewicz' | ascii }}
    Zoe Lukasiewicz
    """
    if len(text) > LONGEST_TEXT // 20:  # one Chinese letter becomes several plain ones
        raise FilterError("The filter 'ascii' would make too much text.", code="too_long")
    return anyascii(text)


@on_text
def digits(text: str) -> str:
    """Keep the digits only.

    >>> {{ 'No. 2024-00117' | digits }}
    202400117
    """
    return "".join(re.findall(r"[0-9]", text))


@on_text
def slug(text: str) -> str:
    """Make text fit for file names and addresses: plain small letters, digits and hyphens.

    >>> {{ 'Søren & Inés, Ltd.' | slug }}
    soren-ines-ltd
    """
    return re.sub(r"[^a-z0-9]+", "-", anyascii(text).lower()).strip("-")


#: Filters that are, of text itself, nothing but a method of it: templates call that in place.
METHODS: Mapping[Callable[..., Any], str] = {
    lower: "lower",
    upper: "upper",
    capitalize: "capitalize",
    trim: "strip",
}
