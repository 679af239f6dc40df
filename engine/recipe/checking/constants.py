"""Working out what no record changes, while a recipe is checked: what fails then, always fails."""

from collections.abc import Iterable, Iterator

from jinja2 import nodes

from engine.errors import TemplateError
from engine.recipe.checking.complaints import Complaint
from engine.recipe.templates.environment import RecipeEnvironment
from engine.recipe.templates.template import Expression
from engine.recipe.templates.trees import own_rules

#: What is as it is written.
WRITTEN = (nodes.Const, nodes.TemplateData, nodes.Keyword, nodes.Pair, nodes.Operand, nodes.Slice)


def failing(
    environment: RecipeEnvironment, parts: Iterable[nodes.Node], source: str
) -> Iterator[Complaint]:
    """Yield a complaint about each part of a template that reads nothing and can't be worked out.

    :param source: the template's text.
    """
    for part in _constant_parts(parts):
        expression = Expression("", source, environment, own_rules(part))
        try:
            expression.value({})
        except TemplateError as error:
            yield Complaint(part.lineno, "always-fails", error.message, error.hint)


def _constant_parts(parts: Iterable[nodes.Node]) -> Iterator[nodes.Expr]:
    """Yield the largest parts without a name in them."""
    for part in parts:
        if isinstance(part, nodes.Name) or part.find(nodes.Name) is not None:
            yield from _constant_parts(part.iter_child_nodes())
        elif isinstance(part, nodes.Expr) and not isinstance(part, WRITTEN):
            yield part
