"""Which request tells whose account it is: it tests a connection and gives it its label."""

from typing import Any

from engine.fields import Schema
from engine.scaffold.design import Account
from engine.scaffold.names import snake
from engine.scaffold.requests import Asked
from engine.scaffold.samples import record_of
from engine.scaffold.schemas import inner

#: Requests that tell whose account it is, by the last part of their path.
WHO = ("me", "whoami", "self", "current_user", "current", "account", "profile", "user", "users_me",
       "userinfo", "organization", "organisation", "company", "workspace", "team")  # fmt: skip
WHO_LABELS = ("email", "name", "login", "username", "user_name", "display_name", "title", "id")
#: Ranks of requests that only show that somebody is let in: records without a label, and lists.
NAMELESS, A_LIST = 50, 100


class Who:
    """What was seen that may test a connection; the lowest rank does it best."""

    def __init__(self) -> None:
        self._found: list[tuple[int, Account]] = []

    def list_seen(self, asked: Asked, items: str) -> None:
        """Keep a list that can be asked for without knowing anything."""
        if not any(one.required for one in asked.inputs):
            self._found.append(
                (A_LIST, Account(asked.path, "", _within(items, []), asked.constants))
            )

    def record_seen(self, asked: Asked, at: str, record: Schema) -> None:
        """Keep a record that may be of the account: `/me` and its like."""
        word = snake(asked.last_word)
        if word not in WHO or any(one.required for one in asked.inputs):
            return
        texts = [
            n for n, p in record.get("properties", {}).items() if inner(p).get("type") == "string"
        ]
        label = next((n for wanted in WHO_LABELS for n in texts if snake(n) == wanted), "")
        where = ".".join(part for part in (at, label) if part) if label else ""
        sample: dict[str, Any] = record_of(record, 0)
        found = Account(asked.path, where, _within(at, sample), asked.constants)
        self._found.append((WHO.index(word) if label else NAMELESS, found))

    def account(self, *, needed: bool) -> tuple[Account | None, list[str]]:
        """Return the request that tests a connection, and what there is to say of it."""
        if not needed and not any(rank < NAMELESS for rank, _ in self._found):
            return None, []
        if not self._found:
            return None, [
                "Nothing tests a connection without changing something: see connection.py."
            ]
        best = min(self._found, key=lambda pair: pair[0])[1]
        if best.label:
            return best, []
        return best, [
            f"A connection is tested with `GET {best.path}`, which doesn't say whose it is: "
            "its label is the app's name."
        ]


def _within(path: str, value: Any) -> Any:
    for name in reversed(path.split(".") if path else []):
        value = {name: value}
    return value
