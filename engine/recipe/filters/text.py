"""Filters of text. Nothing stays nothing; none of them can make text much longer than it was."""

import hashlib
import json as json_module
import re
import unicodedata
from collections.abc import Callable, Mapping
from html.parser import HTMLParser
from typing import Any

from engine.recipe.coerce import EMAIL
from engine.recipe.filters.errors import (
    LONGEST_TEXT,
    FilterError,
    is_blank,
    is_nothing,
    on_text,
    quoted,
)

#: Letters that Unicode doesn't take apart into a base letter and an accent.
PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe", "ı": "i"}
)


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
        raise FilterError("The filter 'replace' was given nothing to look for.")
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
        raise FilterError(f"The filter 'truncate' can't keep {length} characters.")
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


@on_text
def split(text: str, separator: str | None = None) -> list[str]:
    """Cut text into a list, at spaces or at ``separator``; empty pieces are left out.

    >>> {{ 'vip; newsletter;' | split(';') }}
    ["vip", "newsletter"]
    """
    pieces = text.split(separator) if separator else text.split()
    return [piece.strip() for piece in pieces if piece.strip()]


@on_text
def digits(text: str) -> str:
    """Keep the digits only.

    >>> {{ 'No. 2024-00117' | digits }}
    202400117
    """
    return "".join(re.findall(r"[0-9]", text))


@on_text
def email(text: str) -> str | None:
    """Clean an e-mail address: no spaces, small letters. Fails when it can't be one.

    >>> {{ ' Dana@HarborLaw.example' | email }}
    dana@harborlaw.example
    """
    address = text.strip().lower()
    if not address:
        return None
    if EMAIL.fullmatch(address) is None:
        raise FilterError(
            f"{quoted(text)} is not an e-mail address.",
            code="not_an_email",
            hint="Correct the address at the source.",
        )
    return address


@on_text
def slug(text: str) -> str:
    """Make text fit for file names and addresses: plain small letters, digits and hyphens.

    >>> {{ 'Søren & Inés, Ltd.' | slug }}
    soren-ines-ltd
    """
    plain = unicodedata.normalize("NFKD", text.lower().translate(PLAIN_LETTERS))
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")


def hash_(value: Any) -> str | None:
    """Give a fingerprint (SHA-256) that is always the same for the same text.

    >>> {{ 'matter 42' | hash | left(8) }}
    4040c709
    """
    if is_nothing(value):
        return None
    text = value if isinstance(value, str) else json(value)
    return hashlib.sha256(text.encode()).hexdigest()


def json(value: Any) -> str:
    """Write a value as JSON, e.g. a whole record into a note.

    >>> {{ ['vip', 3, none] | json }}
    ["vip", 3, null]
    """
    plain = None if is_nothing(value) else value
    return json_module.dumps(plain, ensure_ascii=False, default=_json_text)


@on_text
def text_of_html(text: str) -> str:
    r"""Read the text out of HTML: tags go, paragraphs become lines.

    >>> {{ '<p>Dear Dana,</p><p>see <b>you</b> &amp; Sam</p>' | text_of_html | replace('\n', ' / ') }}
    Dear Dana, / see you & Sam
    """
    reader = _HtmlText()
    reader.feed(text)
    reader.close()
    lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(reader.parts).split("\n"))
    return "\n".join(line for line in lines if line)


def default(value: Any, instead: Any) -> Any:
    """Use ``instead`` where the field is missing, null or empty text.

    >>> {{ '' | default('Unknown') }}
    Unknown
    """
    return instead if is_blank(value) else value


#: Filters that are, of text itself, nothing but a method of it: templates call that in place.
METHODS: Mapping[Callable[..., Any], str] = {
    lower: "lower",
    upper: "upper",
    capitalize: "capitalize",
    trim: "strip",
}


class _HtmlText(HTMLParser):
    """Collects the text of HTML; scripts and styles have none."""

    BREAKS = frozenset({"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "hr"})
    SILENT = frozenset({"script", "style", "head"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self._silent += 1
        elif tag in self.BREAKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT:
            self._silent = max(self._silent - 1, 0)
        elif tag in self.BREAKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data.replace("\n", " "))


def _json_text(value: Any) -> Any:
    return None if is_nothing(value) else str(value)
