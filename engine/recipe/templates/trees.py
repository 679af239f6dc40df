"""From a template's text to one expression's syntax tree, within its bounds and by the recipes' rules."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.parser import Parser
from jinja2.visitor import NodeTransformer

from engine.recipe.templates.bounds import check_source, check_tree, too_deep
from engine.recipe.templates.environment import RecipeEnvironment
from engine.recipe.texts import FieldSet, Records, Value


def value_node(environment: RecipeEnvironment, value: Value) -> nodes.Expr:
    """Return the syntax tree of one field's template, or of a list of them or of records."""
    if isinstance(value, Records):
        return nodes.List([_record_node(environment, entry) for entry in value.entries])
    if isinstance(value, tuple):
        return nodes.List([template_node(environment, item.value) for item in value])
    return template_node(environment, value.value)


def _record_node(environment: RecipeEnvironment, fields: FieldSet) -> nodes.Expr:
    """Return the syntax tree of a record; its fields that are empty aren't in it."""
    tree: dict[str, Any] = {}
    for path, value in fields.values.items():
        place = tree
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = value_node(environment, value)

    def built(part: dict[str, Any]) -> nodes.Dict:
        return nodes.Dict(
            [
                nodes.Pair(nodes.Const(name), built(one) if isinstance(one, dict) else one)
                for name, one in part.items()
            ]
        )

    return nodes.Filter(built(tree), "given_fields", [], [], None, None)


def template_node(environment: RecipeEnvironment, source: str) -> nodes.Expr:
    """Return the one expression that a template is.

    :raises TemplateSyntaxError: it isn't a template, or it holds ``{% %}`` statements.
    """
    check_source(environment, source)
    body = _fit(environment, lambda: environment.parse(source)).body
    parts: list[nodes.Expr] = []
    for node in body:
        if not isinstance(node, nodes.Output):
            raise TemplateSyntaxError("statements in {% %} are not available here", node.lineno)
        parts.extend(node.nodes)
    spoken = [
        part
        for part in parts
        if not (isinstance(part, nodes.TemplateData) and not part.data.strip())
    ]
    if len(spoken) == 1 and not isinstance(spoken[0], nodes.TemplateData):
        return _sized(spoken[0])
    if all(isinstance(part, nodes.TemplateData) for part in parts):
        return nodes.Const(
            "".join(part.data for part in parts if isinstance(part, nodes.TemplateData))
        )
    return _joined([_constant(part) for part in parts], 1)


def expression_node(environment: RecipeEnvironment, source: str) -> nodes.Expr:
    """Return the syntax tree of a bare expression; braces around it are accepted.

    :raises TemplateSyntaxError: it isn't one.
    """
    bare = source.strip()
    if bare.startswith("{{") and bare.endswith("}}"):
        bare = bare[2:-2]
    check_source(environment, bare, "variable")
    parser = Parser(environment, bare, state="variable")
    expression = _fit(environment, parser.parse_expression)
    if not parser.stream.eos:
        raise TemplateSyntaxError(
            f"it should end before {str(parser.stream.current.value)!r}",
            parser.stream.current.lineno,
        )
    expression.set_environment(environment)
    return _sized(expression)


def _constant(part: nodes.Expr) -> nodes.Expr:
    return nodes.Const(part.data) if isinstance(part, nodes.TemplateData) else part


Tree = TypeVar("Tree", bound=nodes.Node)


def _fit(environment: RecipeEnvironment, parse: Callable[[], Tree]) -> Tree:
    """Return the syntax tree that ``parse`` gives, if it is within the bounds.

    :raises TemplateSyntaxError: it isn't, or there is none.
    """
    try:
        tree = parse()
    except RecursionError:
        raise too_deep() from None
    check_tree(tree)
    if environment.constants:
        tree = _Constants(environment.constants).visit(tree)
    return own_rules(tree)


class _Constants(NodeTransformer):
    """Puts what a name stands for in its place."""

    def __init__(self, constants: Mapping[str, str]) -> None:
        self.constants = constants

    def visit_Name(self, node: nodes.Name) -> nodes.Expr:  # noqa: N802 - Jinja's
        value = self.constants.get(node.name)
        return node if value is None else nodes.Const(value, lineno=node.lineno)


def own_rules(tree: Tree) -> Tree:
    """Return a syntax tree in which what templates do in another way than Jinja is written so."""
    changed: Tree = _OwnRules().visit(tree)
    return changed


class _OwnRules(NodeTransformer):
    """Puts functions of the environment where Jinja would write an operator of Python's.

    ``a ~ b`` makes text as ``{{ a }}{{ b }}`` does: Jinja would write None and {'a': 1}.
    """

    def visit_Concat(self, node: nodes.Concat) -> nodes.Expr:  # noqa: N802 - Jinja's
        return _joined([self.visit(part) for part in node.nodes], node.lineno)

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Expr:  # noqa: N802 - Jinja's
        self.generic_visit(node)
        if not isinstance(node.arg, nodes.Slice):
            return node
        bounds = [
            nodes.Const(None) if bound is None else bound
            for bound in (node.arg.start, node.arg.stop, node.arg.step)
        ]
        return nodes.Filter(node.node, "part", bounds, [], None, None, lineno=node.lineno)


#: What puts values together that were apart.
TOGETHER = (nodes.List, nodes.Tuple, nodes.Dict, nodes.Add)


def _sized(node: nodes.Expr) -> nodes.Expr:
    """Let an expression that puts a list or record together be looked at for its size."""
    if isinstance(node, nodes.Filter) and node.name == "joined_text":
        return node  # text, which is looked at there
    made: list[nodes.Node] = [
        part for part in (node, *node.find_all(TOGETHER)) if isinstance(part, TOGETHER)
    ]
    for call in (node, *node.find_all(nodes.Filter)):
        if isinstance(call, nodes.Filter):  # such as `a | merge(b)`
            made.extend((*call.args, *call.kwargs))
    if not any(isinstance(part, nodes.Name) or part.find(nodes.Name) for part in made):
        return node
    return nodes.Filter(node, "sized", [], [], None, None, lineno=node.lineno)


def _joined(parts: list[nodes.Expr], line: int) -> nodes.Expr:
    texts = nodes.Tuple(parts, "load", lineno=line)
    return nodes.Filter(texts, "joined_text", [], [], None, None, lineno=line)
