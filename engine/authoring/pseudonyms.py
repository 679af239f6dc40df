"""Takes people out of answers that are kept: texts become others of the same form, the same each time.

A recording must hold together (the id in a list is the one in the next request), so a text becomes
the same pseudonym wherever it stands; it depends on a salt that is thrown away, so nobody can try
out whose address it was. The rules, told in docs/connectors.md:

- kept: true, false, null, short numbers, dates and times, and code words (``subscribed``, ``USD``),
  unless their field is about a person (``name``, ``phone``, ``birth_date``); the choices that the
  connector declares; and of addresses what comes from the connector and not from an answer;
- covered: what is secret, by its value or by its field's name;
- replaced: every other text, letter by letter and digit by digit, and numbers of seven digits or
  more, unless they are times.
"""

import hashlib
import hmac
import os
import re
import string
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from engine.authoring.exchanges import sounds_secret
from engine.authoring.live_looks import NONSENSE, NONSENSE_NUMBER
from engine.redaction import HIDDEN, redact

#: Words in the names of fields whose values are about somebody.
PERSONAL = frozenset(
    {"name", "names", "fullname", "firstname", "lastname", "surname", "given", "family"}
    | {"nickname", "email", "mail", "phone", "mobile", "fax", "address", "street", "city", "town"}
    | {
        "zip",
        "postal",
        "postcode",
        "birth",
        "birthday",
        "dob",
        "age",
        "gender",
        "ssn",
        "tax",
        "vat",
    }
    | {"iban", "company", "employer", "login", "username", "user", "ip", "latitude", "longitude"}
    | {"lat", "lng", "note", "notes", "comment", "text", "body", "subject", "title", "description"}
    | {"message", "content", "summary", "avatar", "picture", "photo", "owner", "author", "language"}
    # What people fill in themselves: merge fields, custom fields, forms.
    | {"fname", "lname", "mname", "addr", "value", "values", "answer", "answers", "label", "tags"}
)
#: Fields of a name; ``last_updated`` is none.
NAMES = frozenset({"first", "last", "middle", "prefix", "suffix"})
TIMES = frozenset({"at", "time", "timestamp", "date", "created", "updated", "modified", "changed"})

#: Stands in the place of the app's own host.
HOST = "recorded.invalid"

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?|[A-Z][a-z]{2}, \d\d [\w :]+GMT"
)
_CODE = re.compile(
    r"[a-z][a-z_.:-]{0,31}|[A-Z][A-Z_]{0,15}|v?\d{1,6}(\.\d+)?|\d{4}-\d\d-\d\d\.[a-z]{1,20}"
)
_PART = re.compile(r"\w+")


class Pseudonyms:
    """One recording's.

    :param origin: of the app, e.g. ``https://api.example.com``.
    :param known: texts that the connector itself names: choices of a field, names of fields.
    """

    def __init__(
        self, origin: str = "", known: Iterable[str] = (), salt: bytes | None = None
    ) -> None:
        self._origin, self._known = origin, frozenset(known)
        self._salt = salt or os.urandom(16)
        self._replaced: set[str] = set()

    def value(self, value: Any, name: str = "") -> Any:
        """Return a JSON value in which nobody is known.

        :param name: of the field it is in.
        """
        match value:
            case bool() | None:
                return value
            case str():
                return self.text(value, name)
            case int():
                return self._number(value, name)
            case float():
                return float(round(value)) if _is_personal(name) else value
            case Mapping():
                return {self._name(str(key)): self.value(item, key) for key, item in value.items()}
            case list() | tuple():
                return [self.value(one, name) for one in value]
        return self.text(str(value), name)

    def text(self, text: str, name: str = "") -> str:
        if text and sounds_secret(name):
            return HIDDEN
        if not text or NONSENSE in text:
            return redact(text)
        if (hidden := redact(text)) != text:  # the rest of it may be about somebody
            return self._scrambled(hidden)
        if text in self._known or text.lower() in self._known:
            return text
        if self._origin and text.startswith(f"{self._origin}/"):
            return f"https://{HOST}{self.target(text)}"
        personal = _is_personal(name)
        if not personal and (_DATE.fullmatch(text) or _CODE.fullmatch(text)):
            return text
        if personal and _DATE.fullmatch(text):
            return f"1990-01-01{text[10:]}"
        self._replaced.add(text)
        if " " not in text:  # its parts may stand in an address
            self._replaced.update(part for part in _PART.findall(text) if len(part) > 3)
        head, at, _ = text.rpartition("@")
        if at and " " not in text:
            return f"{self._scrambled(head)}@mail.example"
        return self._scrambled(text)

    def target(self, url: str) -> str:
        """Return an address's path and query."""
        parts = urlsplit(url)
        path = "/".join(
            quote(self._segment(unquote(one)), safe="") for one in parts.path.split("/")
        )
        query = [
            (name, self._asked(name.split("[")[0], value))
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
        ]
        return f"{path}?{urlencode(query)}" if query else path

    def _asked(self, name: str, value: str) -> str:
        is_time = value.isdecimal() and _words(name) & TIMES
        return self.text(value, name) if self._is_data(value) and not is_time else value

    def _segment(self, part: str) -> str:
        stem, dot, ending = part.rpartition(".")
        if dot and ending.isalpha() and stem:
            return f"{self._segment(stem)}.{ending}"
        if part.isdecimal():
            return str(self._number(int(part), ""))
        return self.text(part) if self._is_data(part) else part

    def _is_data(self, text: str) -> bool:
        """Say whether a part of an address came out of an answer, and not from the connector."""
        if "@" in text or text in self._replaced:
            return True
        parts = {part for part in _PART.findall(text) if len(part) > 3}
        return not self._replaced.isdisjoint(parts - self._known)

    def _name(self, key: str) -> str:
        """Return a field's name; one that is data itself, such as an address, becomes another."""
        return self.text(key) if "@" in key or re.search(r"\d{5}", key) else key

    def _number(self, number: int, name: str) -> int:
        if number == NONSENSE_NUMBER or (_words(name) & TIMES and not _is_personal(name)):
            return number
        if abs(number) < 10**6 and not _is_personal(name):
            return number
        self._replaced.add(str(abs(number)))
        found = int(self._scrambled(str(abs(number))))
        return -found if number < 0 else found

    def _scrambled(self, text: str) -> str:
        """Return a text of the same form: a letter for a letter, a digit for a digit."""
        text = text[:100_000]
        digest = hmac.new(self._salt, text.encode("utf-8", "replace"), hashlib.sha256).digest()
        stream = hashlib.shake_256(digest).digest(len(text))
        found = []
        for place, (char, byte) in enumerate(zip(text, stream, strict=True)):
            if char.isdigit():
                found.append(string.digits[byte % 9 + 1] if place == 0 else str(byte % 10))
            elif char.isalpha():
                letters = string.ascii_uppercase if char.isupper() else string.ascii_lowercase
                hexadecimal = all(c in string.hexdigits + "-" for c in text) and len(text) >= 8
                found.append(letters[byte % (6 if hexadecimal else 26)])
            else:
                found.append(char)
        return "".join(found)


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _is_personal(name: str) -> bool:
    words = _words(name)
    # an id is needed to tell records apart, whosever it is; it gets another value all the same
    if name.lower() in NAMES:
        return True
    return bool(words & PERSONAL) and not words & {"id", "type", "kind", "status"}
