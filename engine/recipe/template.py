"""Templates compiled once: all fields of a step become one function of the record.

One field at a time costs four times as much (a Jinja context each), so a step's fields are built
into one list expression. Only when a record fails are they evaluated one by one, to name the field
and the empty value at fault.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Undefined, nodes
from jinja2.environment import Template
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.parser import Parser

from engine.errors import TemplateError
from engine.recipe.environment import Blank, RecipeEnvironment, as_text
from engine.recipe.filters import FilterError
from engine.recipe.texts import FieldPath, FieldSet, Value

Scope = dict[str, Any]
RESULT = "bridgework_result"


@dataclass(frozen=True)
class Fields:
    """The compiled fields of one step.

    :param paths: of the fields, in the order of the values :meth:`values` returns.
    """

    paths: tuple[FieldPath, ...]
    _all: Callable[[Scope], list[Any]]
    _each: tuple["Expression", ...]

    def values(self, scope: Scope) -> list[Any]:
        """Return the fields' values; :class:`Blank` where nothing is there.

        :raises TemplateError: naming the field that failed.
        """
        try:
            return self._all(scope)
        except Exception:  # whatever it was, the single field says it better
            return [field.value(scope) for field in self._each]

    def empty_part(self, path: FieldPath, scope: Scope) -> str:
        """Return what is empty of that which the field reads; see Expression.empty_part."""
        return self._each[self.paths.index(path)].empty_part(scope)


@dataclass(frozen=True)
class Expression:
    """One compiled template or bare expression.

    :param field: what errors call it: a dotted field, or ``if``, ``key`` and so on.
    """

    field: str
    source: str
    _node: nodes.Expr
    _evaluate: Callable[[Scope], list[Any]]

    def value(self, scope: Scope) -> Any:
        """Return its value, which is a :class:`Blank` where nothing is there.

        :raises TemplateError: it can't be evaluated for this record.
        """
        try:
            return self._evaluate(scope)[0]
        except FilterError as error:
            raise TemplateError(
                error.message,
                field=self.field,
                expression=self.source,
                hint=error.hint,
                code=error.code,
            ) from error
        except UndefinedError as error:
            raise TemplateError(
                self._what_is_empty(scope, error),
                field=self.field,
                expression=self.source,
                hint="Fill it in at the source, or let the recipe use another value there.",
            ) from error
        except SecurityError as error:
            raise TemplateError(
                f"This is not allowed: {error}.",
                field=self.field,
                expression=self.source,
                code="not_allowed",
            ) from error
        except Exception as error:  # Jinja lets any Python error through
            raise TemplateError(
                f"{self.source!r} can't be worked out: {error}.",
                field=self.field,
                expression=self.source,
                code="template_failed",
            ) from error

    def text(self, scope: Scope) -> str:
        """Return its value as text.

        :raises TemplateError: as :meth:`value`, or the value has no text.
        """
        value = self.value(scope)
        return "" if isinstance(value, Undefined) else as_text(value)

    def holds(self, scope: Scope) -> bool:
        """Return whether the condition holds; nothing there counts as no.

        :raises TemplateError: it is neither true nor false, e.g. the text "False".
        """
        value = self.value(scope)
        if isinstance(value, bool):
            return value
        if value is None or isinstance(value, Undefined):
            return False
        raise TemplateError(
            f"The condition {self.source!r} is neither true nor false but {value!r}.",
            field=self.field,
            expression=self.source,
            hint="Compare it with something, e.g. `… == 'yes'`, or write `… is not none`.",
            code="not_a_condition",
        )

    def empty_part(self, scope: Scope) -> str:
        """Return what is empty of that which it reads, e.g. ``matter.client``; else nothing."""
        for path, value in _chains(self._node, scope):
            if value is None or isinstance(value, Undefined):
                return path
        return ""

    def _what_is_empty(self, scope: Scope, error: UndefinedError) -> str:
        part = self.empty_part(scope)
        return f"{part} is empty." if part else f"{self.source!r} can't be worked out: {error}."


# -- compiling -------------------------------------------------------------------------------------


def compile_fields(environment: RecipeEnvironment, fields: FieldSet) -> Fields:
    """Compile everything under a step's ``with:``.

    :raises TemplateSyntaxError: by a template that isn't one; ``check`` finds these with their place.
    """
    expressions: list[nodes.Expr] = []
    each: list[Expression] = []
    for path, value in fields.values.items():
        node = value_node(environment, value)
        expressions.append(node)
        source = value.value if not isinstance(value, tuple) else ", ".join(v.value for v in value)
        each.append(Expression(".".join(path), source, node, _function(environment, [node])))
    return Fields(tuple(fields.values), _function(environment, expressions), tuple(each))


def compile_template(environment: RecipeEnvironment, source: str, field: str) -> Expression:
    """Compile text that may hold ``{{ }}``; a lone expression keeps its type."""
    node = template_node(environment, source)
    return Expression(field, source, node, _function(environment, [node]))


def compile_expression(environment: RecipeEnvironment, source: str, field: str) -> Expression:
    """Compile a bare expression, as ``if:`` and ``key:`` hold."""
    node = expression_node(environment, source)
    return Expression(field, source, node, _function(environment, [node]))


def value_node(environment: RecipeEnvironment, value: Value) -> nodes.Expr:
    """Return the syntax tree of one field's template, or of a list of them."""
    if isinstance(value, tuple):
        return nodes.List([template_node(environment, item.value) for item in value])
    return template_node(environment, value.value)


def template_node(environment: RecipeEnvironment, source: str) -> nodes.Expr:
    """Return the one expression that a template is.

    :raises TemplateSyntaxError: it isn't a template, or it holds ``{% %}`` statements.
    """
    body = environment.parse(source).body
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
        return spoken[0]
    if all(isinstance(part, nodes.TemplateData) for part in parts):
        return nodes.Const(
            "".join(part.data for part in parts if isinstance(part, nodes.TemplateData))
        )
    texts = nodes.Tuple([_constant(part) for part in parts], "load")
    return nodes.Filter(texts, "joined_text", [], [], None, None)


def expression_node(environment: RecipeEnvironment, source: str) -> nodes.Expr:
    """Return the syntax tree of a bare expression; braces around it are accepted.

    :raises TemplateSyntaxError: it isn't one.
    """
    bare = source.strip()
    if bare.startswith("{{") and bare.endswith("}}"):
        bare = bare[2:-2]
    parser = Parser(environment, bare, state="variable")
    expression = parser.parse_expression()
    if not parser.stream.eos:
        raise TemplateSyntaxError(
            f"it should end before {str(parser.stream.current.value)!r}",
            parser.stream.current.lineno,
        )
    expression.set_environment(environment)
    return expression


def _constant(part: nodes.Expr) -> nodes.Expr:
    return nodes.Const(part.data) if isinstance(part, nodes.TemplateData) else part


def _function(
    environment: RecipeEnvironment, expressions: Sequence[nodes.Expr]
) -> Callable[[Scope], list[Any]]:
    """Compile expressions into one function from a scope to their values."""
    assign = nodes.Assign(nodes.Name(RESULT, "store"), nodes.List(list(expressions)), lineno=1)
    tree = nodes.Template([assign], lineno=1)
    tree.set_environment(environment)
    template: Template = environment.from_string(tree)
    render = template.root_render_func
    context = template.new_context()

    def evaluate(scope: Scope) -> list[Any]:
        # One context serves all records: making one costs more than the expressions do. A compiled
        # recipe therefore belongs to one thread.
        context.parent = scope
        for _ in render(context):
            pass
        values: list[Any] = context.vars[RESULT]
        return values

    return evaluate


# -- naming what is empty --------------------------------------------------------------------------


def _chains(node: nodes.Node, scope: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return every ``a``, ``a.b``, ``a.b.c`` the expression reads, shortest first, with its value."""
    found: dict[str, Any] = {}
    for chain in [node, *node.find_all((nodes.Getattr, nodes.Getitem, nodes.Name))]:
        _walk(chain, scope, found)
    return sorted(found.items(), key=lambda item: item[0].count(".") + item[0].count("["))


def _walk(node: nodes.Node, scope: Mapping[str, Any], found: dict[str, Any]) -> tuple[str, Any]:
    if isinstance(node, nodes.Name):
        return node.name, scope.get(node.name, Blank(name=node.name))
    if isinstance(node, nodes.Getattr):
        path, value = _walk(node.node, scope, found)
        name: Any = node.attr
        path = f"{path}.{name}"
    elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        path, value = _walk(node.node, scope, found)
        name = node.arg.value
        path = f"{path}[{name!r}]"
    else:
        return "", Blank(name="")
    environment = node.environment
    assert environment is not None
    value = environment.getitem(value, name)
    if path[0] not in ".[":
        found[path] = value
    return path, value
