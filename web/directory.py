"""The directory of connectors: found by words and by what they have; a page about each."""

from collections.abc import Collection
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from engine.reference.document import ConnectorPage, OperationPage
from engine.store.connections import Connection, list_connections
from web.cards import loaded_recipes
from web.prose import prose
from web.site import Site, site

bp = Blueprint("directory", __name__, url_prefix="/connectors")

#: What connectors can be chosen by, and how it is called on the page.
FILTERS = {
    "": "All",
    "triggers": "Start recipes",
    "actions": "Take records",
    "instant": "At once",
    "connected": "Connected",
    "experimental": "Experimental",
}


@dataclass(frozen=True)
class Entry:
    """A connector in the directory.

    :param connected: the names of its connections.
    :param found: its operations that the words of a search are about.
    """

    page: ConnectorPage
    connected: tuple[str, ...]
    found: tuple[str, ...] = ()


@bp.get("/")
def index() -> str:
    """List the connectors, or those that ``?q=`` and ``?has=`` leave."""
    words = request.args.get("q", "").casefold().split()
    chosen = request.args.get("has", "")
    connections = list_connections(site().store)
    entries = [
        Entry(page, _connected(page, connections), _about(page, words) if words else ())
        for page in sorted(site().pages.values(), key=lambda page: page.title.casefold())
        if _fits(page, words)
    ]
    return render_template(
        "directory/index.html",
        entries=[entry for entry in entries if _has(entry, chosen)],
        counts={name: sum(_has(entry, name) for entry in entries) for name in FILTERS},
        filters=FILTERS,
        chosen=chosen,
        q=request.args.get("q", ""),
        problems=[*site().host.problems, *site().undescribed],
    )


@bp.get("/<name>")
def show(name: str) -> str:
    """Tell all that a connector declares."""
    page = page_or_404(site(), name)
    recipes = [
        (recipe.name, recipe.title)
        for recipe in loaded_recipes(site())
        if any(use.use.value.partition(".")[0] == name for use in (*recipe.triggers, *recipe.uses))
    ]
    connector = site().host.connector(name)
    return render_template(
        "directory/show.html",
        page=page,
        connections=_connected(page, list_connections(site().store)),
        may_connect=connector.may_have_connection,
        recipes=recipes,
        prose=prose,
    )


def page_or_404(site: Site, name: str) -> ConnectorPage:
    return site.pages.get(name) or abort(404)


def _connected(page: ConnectorPage, connections: Collection[Connection]) -> tuple[str, ...]:
    return tuple(one.name for one in connections if one.connector == page.name)


def _fits(page: ConnectorPage, words: list[str]) -> bool:
    """Say whether every word is somewhere in what a connector says of itself."""
    parts = [page.name, page.title, page.readme.purpose]
    text = "\n".join([*parts, *map(_text, page.operations)]).casefold()
    return all(word in text for word in words)


def _about(page: ConnectorPage, words: list[str]) -> tuple[str, ...]:
    """Return the operations that hold every word, so that one sees why a connector was found."""
    return tuple(
        operation.name
        for operation in page.operations
        if all(word in _text(operation).casefold() for word in words)
    )


def _text(operation: OperationPage) -> str:
    fields = (f"{field.name} {field.about}" for field in operation.fields)
    return "\n".join([operation.full_name, operation.title, operation.help, *fields])


def _has(entry: Entry, what: str) -> bool:
    page = entry.page
    match what:
        case "triggers":
            return bool(page.triggers)
        case "actions":
            return bool(page.actions)
        case "instant":
            return page.instant
        case "connected":
            return bool(entry.connected)
        case "experimental":
            return bool(page.experimental)
    return True
