"""Templates compiled once: all fields of a step become one function of the record.

A step's fields are built into one Python function (engine.recipe.templates.compiled). Only when a record fails
are they evaluated one by one, to name the field and the empty value at fault.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import Undefined, nodes
from jinja2.exceptions import SecurityError, UndefinedError

from engine.errors import TemplateError
from engine.recipe.filters import FilterError
from engine.recipe.filters.errors import shown
from engine.recipe.templates.compiled import Fill, compile_all, compile_one, compile_row
from engine.recipe.templates.compiled import Scope as Scope
from engine.recipe.templates.environment import Blank, RecipeEnvironment, as_text
from engine.recipe.templates.trees import expression_node, template_node, value_node
from engine.recipe.texts import FieldPath, FieldSet, texts_of


@dataclass(frozen=True)
class Fields:
    """The compiled fields of one step.

    :param paths: of the fields, in the order of the values :meth:`values` returns.
    """

    paths: tuple[FieldPath, ...]
    _environment: RecipeEnvironment
    _each: tuple["Expression", ...]

    @cached_property
    def _all(self) -> Callable[[Scope], list[Any]]:
        return compile_all(self._environment, [field._node for field in self._each])

    def values(self, scope: Scope) -> list[Any]:
        """Return the fields' values; :class:`Blank` where nothing is there.

        :raises TemplateError: naming the field that failed.
        """
        try:
            return self._all(scope)
        except Exception:  # whatever it was, the single field says it better
            return self.one_by_one(scope)

    def one_by_one(self, scope: Scope) -> list[Any]:
        """Return what :meth:`values` does, more slowly.

        :raises TemplateError: naming the field that failed.
        """
        return [field.value(scope) for field in self._each]

    def filling(self, names: Sequence[str | None]) -> Fill:
        """Compile the fields into what fills a row; see :func:`compile_row`."""
        return compile_row(self._environment, [field._node for field in self._each], names)

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
    _environment: RecipeEnvironment
    _node: nodes.Expr

    @cached_property
    def _evaluate(self) -> Callable[[Scope], Any]:
        return compile_one(self._environment, self._node)

    def value(self, scope: Scope) -> Any:
        """Return its value, which is a :class:`Blank` where nothing is there.

        :raises TemplateError: it can't be evaluated for this record.
        """
        try:
            return self._evaluate(scope)
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
        return "" if isinstance(value, Undefined) else self.text_of(value)

    def text_of(self, value: Any) -> str:
        """Return a value as text, be it the expression's own or what was found in that.

        :raises TemplateError: it has none.
        """
        try:
            return as_text(value)
        except ValueError as error:
            raise TemplateError(
                f"{self.source!r} gives no text: {error}.",
                field=self.field,
                expression=self.source,
                hint="Name one value of it, a text or a number.",
                code="not_text",
            ) from None

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
            f"The condition {self.source!r} is neither true nor false but {shown(value)}.",
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
    compiled = parse_fields(environment, fields)
    _ = compiled._all  # now, so that what can't be compiled is known before any record comes
    return compiled


def parse_fields(environment: RecipeEnvironment, fields: FieldSet) -> Fields:
    """Return everything under a step's ``with:``, to be compiled when it is used.

    :raises TemplateSyntaxError: as :func:`compile_fields`.
    """
    each: list[Expression] = []
    for path, value in fields.values.items():
        node = value_node(environment, value)
        source = ", ".join(text.value for text in texts_of(value))
        each.append(Expression(".".join(path), source, environment, node))
    return Fields(tuple(fields.values), environment, tuple(each))


def compile_template(environment: RecipeEnvironment, source: str, field: str) -> Expression:
    """Compile text that may hold ``{{ }}``; a lone expression keeps its type."""
    return _compiled(Expression(field, source, environment, template_node(environment, source)))


def compile_expression(environment: RecipeEnvironment, source: str, field: str) -> Expression:
    """Compile a bare expression, as ``if:`` and ``key:`` hold."""
    return _compiled(Expression(field, source, environment, expression_node(environment, source)))


def _compiled(expression: Expression) -> Expression:
    _ = expression._evaluate  # now, so that what can't be compiled is known before any record comes
    return expression


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
