"""What a new connector will be: read from whatever is known of its API, written by the other modules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.fields import Record, Schema
from engine.pagination import Pagination

#: Under this key a schema of an object keeps the name its TypedDict gets.
NAME = "x-name"


@dataclass(frozen=True)
class Input:
    """One thing an operation is given.

    :param name: as the API spells it.
    :param argument: as Python and recipes spell it.
    :param schema: plain: no references, one ``type`` or ``anyOf``.
    :param place: where it goes in the request.
    :param example: a value the API's description shows; None where it shows none.
    """

    name: str
    argument: str
    schema: Schema
    required: bool
    place: Literal["path", "query", "body"]
    example: Any = None

    @property
    def title(self) -> str:
        words = self.argument.rstrip("_").replace("_", " ")
        return words[:1].upper() + words[1:]


@dataclass(frozen=True)
class Kind:
    """One kind of record: what people call it, and its fields.

    :param shelf: what the practice server keeps them under.
    :param key: the field that tells them apart.
    :param changed: the field that says when one changed; empty where there is none.
    :param label: the field people know one by; empty where there is none.
    :param examples: records that the API's description shows.
    :param count: records that the practice server has at first.
    """

    one: str
    many: str
    shelf: str
    schema: Schema
    key: str = "id"
    changed: str = ""
    label: str = ""
    examples: tuple[Record, ...] = ()
    count: int = 8


@dataclass(frozen=True)
class Operation:
    """What every operation is made of.

    :param source: the request it is made of, e.g. ``GET /contacts``.
    :param called: what the API's description calls that request; may be empty.
    """

    name: str
    source: str
    called: str
    help: str
    path: str


@dataclass(frozen=True)
class Listing(Operation):
    """A trigger.

    :param items: the dotted path of the list in an answer; empty: the answer is the list.
    :param most: where only one page can be read: the parameter that says how long it is, and the
        most it takes; a page as long as that is refused, for the list may go on.
    :param since: the query parameter that asks for what changed since a time; may be empty.
    :param since_kind: how that wants the time.
    :param created: the cursor says when a record was made, not when it last changed.
    """

    kind: Kind
    items: str = ""
    paging: Pagination | None = None
    most: tuple[str, int] | None = None
    since: str = ""
    since_kind: Literal["date-time", "date", "seconds"] = "date-time"
    created: bool = False
    inputs: tuple[Input, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        noun = self.kind.one
        return f"New {noun}" if self.created else f"{noun[:1].upper()}{noun[1:]} added or changed"


@dataclass(frozen=True)
class Lookup(Operation):
    """A search for one record by its key, which may also fetch a trigger's record afresh.

    :param at: the dotted path of the record in the answer.
    :param fetches: the name of the trigger whose records it reads afresh; empty for none.
    """

    kind: Kind
    inputs: tuple[Input, ...]
    at: str = ""
    fetches: str = ""
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sending:
    """An action.

    :param wrap: the name under which the body stands in what is sent; may be empty.
    :param answer: the schema of the answer's record; None where nothing is answered.
    :param at: the dotted path of the record in the answer.
    :param kind: of the record that it adds (no ``changes``) or changes; None: it does something else.
    :param keyed: it takes an ``Idempotency-Key``.
    """

    name: str
    source: str
    called: str
    title: str
    help: str
    method: Literal["post", "put", "patch"]
    path: str
    inputs: tuple[Input, ...]
    noun: str = "record"
    form: bool = False
    wrap: str = ""
    answer: Schema | None = None
    at: str = ""
    kind: Kind | None = None
    changes: bool = False
    keyed: bool = False
    constants: Mapping[str, str] = field(default_factory=dict)
    example: Record | None = None

    @property
    def body(self) -> tuple[Input, ...]:
        return tuple(one for one in self.inputs if one.place == "body")


@dataclass(frozen=True)
class Login:
    """How the API knows who asks.

    :param header: of a key; for ``bearer`` it is Authorization.
    """

    kind: Literal["none", "key", "bearer", "basic", "oauth", "client"] = "none"
    header: str = ""
    prefix: str = ""
    authorize_url: str = ""
    token_url: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def setting(self) -> str:
        return {"key": "api_key", "bearer": "token", "basic": "password"}.get(self.kind, "")


@dataclass(frozen=True)
class Setting:
    """A part of the API's address that differs from account to account."""

    name: str
    help: str
    choices: tuple[str, ...] = ()
    example: str = "example"


@dataclass(frozen=True)
class Account:
    """The request that tests a connection.

    :param label: the dotted path of what to call the account in its answer; empty: its title.
    :param answer: what the practice server answers, if no operation's route does.
    """

    path: str
    label: str = ""
    answer: Any = None
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Design:
    """A connector to be.

    :param left_out: what could not be turned, with the reason.
    :param remarks: what an author should look at, in sentences.
    :param withheld: secrets that were pasted; they stand in no file.
    """

    name: str
    title: str
    summary: str
    base_url: str
    login: Login
    account: Account | None
    listings: tuple[Listing, ...]
    lookups: tuple[Lookup, ...]
    sendings: tuple[Sending, ...]
    settings: tuple[Setting, ...] = ()
    origin: str = ""
    left_out: tuple[tuple[str, str], ...] = ()
    remarks: tuple[str, ...] = ()
    withheld: tuple[str, ...] = field(default=(), repr=False)

    @property
    def operations(self) -> tuple[Listing | Lookup | Sending, ...]:
        return (*self.listings, *self.lookups, *self.sendings)

    @property
    def kinds(self) -> list[Kind]:
        """The kinds of record that the practice server keeps, each once."""
        found: dict[str, Kind] = {}
        for one in self.operations:
            if one.kind is not None:
                found.setdefault(one.kind.shelf, one.kind)
        return list(found.values())
