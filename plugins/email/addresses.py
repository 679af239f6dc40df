"""E-mail addresses: checked, brought into the form servers take, told apart from names."""

import re
from collections.abc import Iterable
from email.headerregistry import Address

import idna

from engine.sdk import InputError, TypedDict

#: RFC 5321, 4.5.3.1: characters of the part before the @, and of the whole.
LONGEST_LOCAL, LONGEST = 64, 254

#: What may stand before the @ without quotes (RFC 5322 and, for other letters, RFC 6531).
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*")

#: A name, quoted or not, and an address in its brackets.
_NAMED = re.compile(r"([^<>]*)<([^<>]*)>")


class Person(TypedDict):
    """Who a mail is from or for."""

    name: str
    address: str


def plain(text: str) -> str:
    """Return a text on one line: what ends a line would end a mail's header."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def address_of(written: str, field: str) -> Address:
    """Read ``ada@firm.example`` or ``Ada Byron <ada@firm.example>``.

    A domain in other letters, such as ``bücher.example``, becomes its form in plain ones.

    :param field: of the action, for the error.
    :raises InputError: it is no single address.
    """
    text = plain(written)
    name, found = "", text
    if named := _NAMED.fullmatch(text):
        name, found = _name(named[1]), named[2]
        if "@" in name and not named[1].startswith('"'):  # more than one address
            raise _no_address(text, field)
    local, at, domain = found.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > LONGEST_LOCAL:
        raise _no_address(text, field)
    try:
        ascii_domain = idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise _no_address(text, field) from None
    if "." not in ascii_domain or len(local) + len(ascii_domain) >= LONGEST:
        raise _no_address(text, field)
    return Address(display_name=name, username=local, domain=ascii_domain)


def addresses_of(written: Iterable[str], field: str) -> tuple[Address, ...]:
    """Read several, each once; blank ones are passed over.

    :raises InputError: one is none.
    """
    found: dict[str, Address] = {}
    for one in written:
        if one.strip():
            address = address_of(one, field)
            found.setdefault(address.addr_spec.casefold(), address)
    return tuple(found.values())


def person_of(address: Address) -> Person:
    return Person(name=address.display_name, address=address.addr_spec)


def readable_domain(address: str) -> str:
    """Return an address with its domain in the letters people write it in."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{idna.decode(domain)}" if "xn--" in domain.lower() else address
    except (idna.IDNAError, UnicodeError):
        return address


def _name(written: str) -> str:
    text = written.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text.replace('"', "")


def _no_address(text: str, field: str) -> InputError:
    shown = text if len(text) <= 100 else f"{text[:100]}…"
    return InputError(
        f"'{shown}' is no e-mail address.",
        hint="Correct it at the source. One address each: `ada@firm.example`, or "
        "`Ada Byron <ada@firm.example>`.",
        field=field,
        code="no_address",
    )
