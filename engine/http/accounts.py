"""Whose a connection is: asked of the app, and never two connections of one account by mistake."""

from dataclasses import replace

from engine.auth import Account
from engine.calls import guarded
from engine.connector import Connector
from engine.context import Context
from engine.errors import SetupError
from engine.store.connections import Connection, list_connections, same_account
from engine.store.database import Store


class ConnectedAlready(SetupError):
    """The account has a connection of another name."""


class AnotherAccount(SetupError):
    """The connection belongs to another account, whose place this one would take."""


def ask_account(connector: Connector, context: Context) -> Account:
    """Make the connector's own test of a connection; return whose it is.

    :raises ConnectorError: it doesn't work.
    """
    if connector.check_function is None:
        return Account(id="", label=connector.title)
    with guarded(connector.name, "check"):
        said = connector.check_function(context)
    if isinstance(said, Account):
        return Account(id=str(said.id or ""), label=str(said.label or connector.title))
    return Account(id="", label=str(said))


def own_account(store: Store, new: Connection, *, replace_account: bool) -> Connection:
    """Refuse an account that is connected already, or that quietly takes another's place.

    What a recipe sent before is known by connection and account, so the same account connected
    again keeps its ``created_at``, and another begins anew.

    :raises ConnectedAlready: the one.
    :raises AnotherAccount: the other.
    """
    if not new.account_id:
        return new
    twin = same_account(store, new.connector, new.address, new.account_id, besides=new.name)
    if twin is not None:
        raise ConnectedAlready(
            f"This account ({new.label}) is connected already, as {twin.name!r}.",
            hint=f"Name {twin.name!r} in the recipe, or remove that connection first.",
        )
    old = next((c for c in list_connections(store) if c.name == new.name), None)
    if old is None or not old.account_id:
        return new
    identity = (old.connector, old.address, old.account_id)
    if identity == (new.connector, new.address, new.account_id):
        return replace(new, created_at=old.created_at)
    if old.account_id != new.account_id and not replace_account:
        raise AnotherAccount(
            f"The connection {new.name!r} belongs to another account, {old.label}; "
            f"this is {new.label}.",
            hint=f"Log in there as {old.label}, choose another name, "
            "or put this account in its place with `--replace`.",
        )
    return replace(new, created_at=None)
