"""Taking a person's name apart, by simple rules that are honest about what they can't know."""

from typing_extensions import TypedDict

from engine.recipe.filters.errors import on_text

#: Words before a name that aren't part of it, and words after it.
TITLES = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "hon", "sir", "rev"})
SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "esq", "md", "phd", "cpa"})

#: Words that belong to the family name that follows.
PARTICLES = frozenset(
    {"van", "von", "der", "den", "de", "del", "della", "di", "da", "dos", "das", "du", "la", "le"}
    | {"el", "al", "bin", "ibn", "ter", "ten", "zu", "af", "av", "st"}
)


class NameParts(TypedDict):
    """What a full name is made of; nothing where a part isn't there."""

    title: str | None
    first: str | None
    middle: str | None
    last: str | None
    suffix: str | None


@on_text
def given_name(text: str) -> str | None:
    """Take the given name out of a full name; a single word counts as the given name.

    >>> {{ 'Dr. Mary Ann van der Berg, Jr.' | given_name }}
    Mary Ann
    """
    return _take_apart(text)[0]


@on_text
def family_name(text: str) -> str | None:
    """Take the family name out of a full name; nothing where there is only one word.

    >>> {{ 'Dr. Mary Ann van der Berg, Jr.' | family_name }}
    van der Berg
    """
    return _take_apart(text)[1]


@on_text
def name_parts(text: str) -> NameParts:
    """Take a full name apart: ``title``, ``first``, ``middle``, ``last`` and ``suffix``.

    >>> {{ ('Dr. Mary Ann van der Berg, Jr.' | name_parts).middle }}
    Ann
    >>> {{ ('Dr. Mary Ann van der Berg, Jr.' | name_parts).suffix }}
    Jr.
    """
    given, last = _take_apart(text)
    first, _, middle = (given or "").partition(" ")
    words = text.replace(",", " ").split()
    title = next((word for word in words[:1] if len(words) > 1 and _bare(word) in TITLES), None)
    suffix = next((word for word in words[1:] if _bare(word) in SUFFIXES), None)
    return {
        "title": title,
        "first": first or None,
        "middle": middle or None,
        "last": last,
        "suffix": suffix,
    }


@on_text
def given_first(text: str) -> str | None:
    """Write a name with the given name first, without titles.

    >>> {{ 'van der Berg, Mary Ann' | given_first }}
    Mary Ann van der Berg
    """
    return " ".join(part for part in _take_apart(text) if part) or None


@on_text
def family_first(text: str) -> str | None:
    """Write a name with the family name first, as lists order it.

    >>> {{ 'Dr. Mary Ann van der Berg' | family_first }}
    van der Berg, Mary Ann
    """
    given, last = _take_apart(text)
    return f"{last}, {given}" if last else given


@on_text
def initials(text: str) -> str | None:
    """Keep the first letters of a name.

    >>> {{ 'Mary Ann Whitfield' | initials }}
    MAW
    """
    words = " ".join(part for part in _take_apart(text) if part).split()
    return "".join(word[0].upper() for word in words if _bare(word) not in PARTICLES) or None


def _take_apart(text: str) -> tuple[str | None, str | None]:
    first, comma, rest = text.partition(",")
    head, tail = _plain_words(first), _plain_words(rest)
    if comma and head and tail:  # Berg, Mary Ann
        return " ".join(tail), " ".join(head)
    words = head or tail
    if len(words) < 2:
        return (words[0] if words else None), None
    start = len(words) - 1
    while start > 1 and _bare(words[start - 1]) in PARTICLES:
        start -= 1
    return " ".join(words[:start]), " ".join(words[start:])


def _plain_words(text: str) -> list[str]:
    words = text.replace(",", " ").split()
    start, end = 0, len(words)
    while end - start > 1 and _bare(words[start]) in TITLES:
        start += 1
    while end > start and _bare(words[end - 1]) in SUFFIXES:
        end -= 1
    return words[start:end]


def _bare(word: str) -> str:
    return word.replace(".", "").lower()
