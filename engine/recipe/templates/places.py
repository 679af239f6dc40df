"""Which fields an expression reads, by their places: ``("matter", "clients", "[]", "email")``."""

from collections.abc import Iterator, Mapping

from jinja2 import nodes

#: A field's place, the name it is read by first.
Place = tuple[str, ...]
#: Stands for an entry of a list.
ENTRY = "[]"
#: Filters that leave a list a list, and those that take one entry of it.
KEEP_LIST = frozenset({"where", "sort", "unique"})
TAKE_ONE = frozenset({"first", "last"})


def place_of(node: nodes.Node, aliases: Mapping[str, Place]) -> Place | None:
    """Return the place whose value an expression is; None where it is no field's.

    :param aliases: what names stand for that are no records themselves, e.g. a loop's entry.
    """
    match node:
        case nodes.Name():
            return aliases.get(node.name, (node.name,))
        case nodes.Getattr():
            above = place_of(node.node, aliases)
            return None if above is None else (*above, node.attr)
        case nodes.Getitem(arg=nodes.Const(value=str() as name)):
            above = place_of(node.node, aliases)
            return None if above is None else (*above, name)
        case nodes.Getitem(arg=nodes.Const(value=int())):
            above = place_of(node.node, aliases)
            return None if above is None else (*above, ENTRY)
        case nodes.Filter(node=nodes.Expr() as inner):
            above = place_of(inner, aliases)
            if above is None or node.name in KEEP_LIST:
                return above
            if node.name in TAKE_ONE:
                return (*above, ENTRY)
            if node.name == "map" and node.args and isinstance(node.args[0], nodes.Const):
                return (*above, ENTRY, *str(node.args[0].value).split("."))
    return None


def places_read(node: nodes.Node, *, surely: bool = False) -> Iterator[Place]:
    """Yield every place an expression reads, the longest of each chain.

    What filters may read of a value by names given to them is among these, also where such a
    word means something else: ``matters | where('status', 'open')`` may read ``status``.

    :param surely: leave out what only may be read.
    """
    if not surely and isinstance(node, nodes.Filter) and isinstance(node.node, nodes.Expr):
        above = place_of(node.node, {})
        for word in (*node.args, *(pair.value for pair in node.kwargs)):
            if above is None or not isinstance(word, nodes.Const):
                continue
            if isinstance(word.value, str):
                yield (*above, *word.value.split("."))
                yield (*above, ENTRY, *word.value.split("."))
    place = place_of(node, {})
    if place is not None:
        yield place
        if not any(isinstance(part, nodes.Filter) for part in _chain(node)):
            return
    for child in node.iter_child_nodes():
        yield from places_read(child, surely=surely)


def places_asked_for(node: nodes.Node) -> Iterator[Place]:
    """Yield the places of which an expression asks whether they are there: ``row.phone is defined``."""
    for test in (node, *node.find_all(nodes.Test)):
        if isinstance(test, nodes.Test) and test.name in ("defined", "undefined"):
            place = place_of(test.node, {})
            if place is not None:
                yield place


def _chain(node: nodes.Node) -> Iterator[nodes.Node]:
    """Yield the parts of a chain, from its end to its beginning."""
    while isinstance(node, nodes.Getattr | nodes.Getitem | nodes.Filter):
        yield node
        if node.node is None:
            return
        node = node.node
