"""The sentences of a look at edge cases: what would have to be, and what comes of it."""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from engine.files import in_words
from engine.nouns import Noun
from engine.run.whatif.judge import Verdict
from engine.run.whatif.trial import Tried
from engine.run.whatif.used import ENTRY, Place
from engine.run.whatif.values import singular

#: Field names that people write otherwise.
SPELT = {"email": "e-mail", "id": "id", "dob": "date of birth", "ssn": "SSN", "zip": "ZIP code"}
ENDINGS = {"at": "time", "on": "date"}


def a(noun: str) -> str:
    """Return a noun with its article."""
    return f"{'an' if noun[:1].lower() in 'aeio' else 'a'} {noun}"


def thing(name: str, schema: Mapping[str, Any] = MappingProxyType({})) -> str:
    """Return what people call a field of this name: the connector's title, where it gives one."""
    words = name.split("_")
    for part in (schema, *schema.get("anyOf", ())):
        # A record's title is its type's, not the field's.
        title = "" if "properties" in part else str(part.get("title") or "")
        if title and title.lower() != " ".join(words):  # not made from the name itself
            return title if title[1:2].isupper() else title[0].lower() + title[1:]
    if len(words) > 1 and words[-1] in ENDINGS:
        words[-1] = ENDINGS[words[-1]]
    return " ".join(SPELT.get(word, word) for word in words)


def owner(noun: str, parts: Place) -> str:
    """Return what a field belongs to: "a matter's client", "a phone of a matter's client"."""
    found = a(noun)
    for number, part in enumerate(parts):
        if part == ENTRY:
            continue
        if parts[number + 1 : number + 2] == (ENTRY,):
            found = f"{a(singular(thing(part)))} of {found}"
        else:
            found = f"{found}'s {thing(part)}"
    return found


def sharing(nouns: str, parts: Place) -> str:
    """Return "matters have", or "matters have a client with" for a field of their client."""
    names = [part for part in parts if part != ENTRY]
    if not names:
        return f"{nouns} have"
    name = singular(names[-1]) if parts[-1] == ENTRY else names[-1]
    return f"{nouns} have {a(thing(name))} with"


def condition(noun: str, parts: Place, says: str, schema: Mapping[str, Any]) -> str:
    """Return a sentence's first half for a field at ``parts`` below the record."""
    last = parts[-1]
    name = thing(last, schema)
    many = name if name.endswith("s") else f"{name}s"
    one = singular(name) if "{things}" not in says and says.startswith("has one") else name
    whose = owner(noun, parts[:-1])
    said = says.format(thing=one, things=many)
    for article in ("has a ", "has an "):
        if said.startswith(article):
            rest = said.removeprefix(article)
            said = f"has {a(rest)}"
    return f"If {whose} {said}"


def consequence(noun: Noun, verdict: Verdict, tried: Tried) -> str:
    """Return a sentence's second half."""
    about, it = ", ".join(verdict.about), f"the {noun.one}"
    match verdict.mark:
        case "crash":
            return f"Bridgework fails: {tried.reason}. This is a defect; please report it."
        case "stops":
            return f"the whole run stops: {_end(tried.reason)}"
        case "rejected":
            verbs = {"failed": "fails", "waiting": "waits"}
            return f"{it} {verbs.get(tried.outcome, 'is rejected')}: {_end(tried.reason)}"
        case "part":
            return f"{it} comes over, but: {_end(tried.reason)}"
        case "skipped":
            if tried.code == "nothing_to_do":
                return f"no step is done for {it}."
            return f"{it} is left out: {_end(tried.reason)}"
        case "lost":
            return f"{about} is left empty, although the source has something."
        case "altered":
            return f"{about} becomes '{verdict.value}'."
        case "stand-in":
            return f"{about} becomes '{verdict.value}' instead."
        case "without":
            return f"{it} comes over without {about}." if about else f"{it} comes over."
        case "other-way":
            steps = ", ".join(f"'{id}'" for id in verdict.about)
            return f"{it} goes another way: {steps} instead of {verdict.value}."
        case "cut":
            return f"{about} is cut: '{verdict.value}'."
        case "gap":
            return f"{it} comes over with a gap in {about}."
        case "chosen":
            return f"only one comes over, as `{about}` says."
        case "carried":
            return f"{it} comes over."
        case "dropped":
            return f"only the {verdict.value or 'first'} comes over."
        case "merged":
            return f"they become one {verdict.value}: the second overwrites the first."
    return "nothing changes."


def _end(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", "…")) else f"{sentence}."


def joined(words: Sequence[str]) -> str:
    """Return words as a list in a sentence."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def shown(value: object) -> str:
    """Return a tried value as a person reads it, cut to fit a cell."""
    if isinstance(value, str) and not value.strip():
        return "(only spaces)" if value else "(empty)"
    value = in_words(value)
    text = re.sub(r"\s+", " ", value if isinstance(value, str) else repr(value))
    return text if len(text) <= 80 else f"{text[:77]}…"
