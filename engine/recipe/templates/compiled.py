"""Expressions turned into one plain Python function of the scope: no Jinja left in the hot path.

Jinja calls the environment for every field that is read, and keeps a context that only one thread
may use. Here the same syntax tree becomes the same expression in Python's own syntax tree, with the
commonest steps written out: a field of a plain dict is read in place, and a path that several fields
read (``matter.client``) is read once a record. Everything else calls the functions that Jinja would
call, so that there is one set of rules. What isn't in the list of :meth:`_Emitter.emit` is left to
Jinja (:func:`by_jinja`). A property test compares the two on generated expressions and records.
"""

import ast
from collections.abc import Callable, Sequence
from typing import Any

from jinja2 import Undefined, nodes
from jinja2.exceptions import TemplateSyntaxError

from engine.recipe.filters.errors import without_default
from engine.recipe.filters.text import METHODS, default
from engine.recipe.templates.environment import RecipeEnvironment
from engine.recipe.templates.python_nodes import (
    ast_assign,
    ast_attribute,
    ast_call,
    ast_field,
    ast_has_ink,
    ast_is_a,
    ast_name,
)

Scope = dict[str, Any]
#: Puts into the row those of the expressions that give a text as it is, and hands on the others'
#: values: ``fill(scope, row, other)`` calls ``other(row, number of the expression, value, scope)``.
Fill = Callable[[Scope, dict[str, Any], Callable[[dict[str, Any], int, Any, Scope], None]], None]
RESULT = "bridgework_result"

OPERATORS: dict[str, type[ast.cmpop]] = {
    "eq": ast.Eq,
    "ne": ast.NotEq,
    "gt": ast.Gt,
    "gteq": ast.GtE,
    "lt": ast.Lt,
    "lteq": ast.LtE,
    "in": ast.In,
    "notin": ast.NotIn,
}
UNARY: dict[type[nodes.UnaryExpr], type[ast.unaryop]] = {
    nodes.Not: ast.Not,
    nodes.Neg: ast.USub,
    nodes.Pos: ast.UAdd,
}
#: Values that a constant of Python's may be; lists are written out, so that each record has its own.
PLAIN = (str, int, float, bool, type(None))
NO_FIELDS: dict[str, Any] = {}


def compile_all(
    environment: RecipeEnvironment, expressions: Sequence[nodes.Expr]
) -> Callable[[Scope], list[Any]]:
    """Return a function from a scope to the values of all the expressions.

    :raises TemplateSyntaxError: one of them can't be compiled, e.g. its filter doesn't exist.
    """
    emitter = _Emitter(environment)
    values = [emitter.value(node) for node in expressions]
    function: Callable[[Scope], list[Any]] = emitter.returning(ast.List(values, ast.Load()))
    return function


def compile_row(
    environment: RecipeEnvironment, expressions: Sequence[nodes.Expr], names: Sequence[str | None]
) -> Fill:
    """Return a function that fills a row from a scope.

    :param names: where a text that isn't blank goes as it is, for each expression; None: nowhere.
    :raises TemplateSyntaxError: as :func:`compile_all`.
    """
    emitter = _Emitter(environment)
    filling: list[ast.stmt] = []
    for number, (node, name) in enumerate(zip(expressions, names, strict=True)):
        filling.append(ast_assign("value", emitter.value(node)))
        here = (ast_name("row"), ast.Constant(number), ast_name("value"), ast_name("scope"))
        other: ast.stmt = ast.Expr(ast_call(ast_name("other"), *here))
        if name is not None:
            place = ast.Subscript(ast_name("row"), ast.Constant(name), ast.Store())
            other = ast.If(
                ast_has_ink("value", ast_name("value")),
                [ast.Assign([place], ast_name("value"))],
                [other],
            )
        filling.append(other)
    function: Fill = emitter.function(filling, "scope", "row", "other")
    return function


def compile_one(environment: RecipeEnvironment, expression: nodes.Expr) -> Callable[[Scope], Any]:
    """Return a function from a scope to the value of one expression.

    :raises TemplateSyntaxError: as :func:`compile_all`.
    """
    emitter = _Emitter(environment)
    return emitter.returning(emitter.value(expression))


def by_jinja(environment: RecipeEnvironment, expression: nodes.Expr) -> Callable[[Scope], Any]:
    """Return what :func:`compile_one` does, compiled by Jinja.

    :raises TemplateSyntaxError: as :func:`compile_all`.
    """
    assign = nodes.Assign(nodes.Name(RESULT, "store"), expression, lineno=1)
    tree = nodes.Template([assign], lineno=1)
    tree.set_environment(environment)
    template = environment.from_string(tree)

    def evaluate(scope: Scope) -> Any:
        context = template.new_context(scope)
        for _ in template.root_render_func(context):
            pass
        return context.vars[RESULT]

    return evaluate


class NotPlain(Exception):
    """An expression holds something that only Jinja evaluates."""


class _Emitter:
    """Writes expressions as Python's syntax trees, for one function.

    ``body`` reads the paths that the expressions name, each into a variable of its own. Reading has
    no effects and can't fail, so it may happen before any condition is looked at.
    """

    def __init__(self, environment: RecipeEnvironment) -> None:
        self.environment = environment
        self.body: list[ast.stmt] = []
        self.variables: dict[tuple[str | int, ...], str] = {}
        self.with_fields: set[str] = set()
        self.temporary = 0
        self.globals: dict[str, Any] = {
            "__builtins__": {},
            "type": type,
            "dict": dict,
            "str": str,
            "no_fields": NO_FIELDS,
            "blank": environment.undefined,
            "undefined": Undefined,
            "getattr": environment.getattr,
            "getitem": environment.getitem,
            "binop": environment.call_binop,
        }

    def returning(self, value: ast.expr) -> Callable[[Scope], Any]:
        """Return the function whose body is what was written so far, and which returns ``value``."""
        function: Callable[[Scope], Any] = self.function([ast.Return(value)], "scope")
        return function

    def function(self, end: Sequence[ast.stmt], *names: str) -> Any:
        """Return the function of these parameters that does what was written so far, then ``end``."""
        parameters = ast.arguments(
            posonlyargs=[], args=[ast.arg(name) for name in names], kwonlyargs=[],
            kw_defaults=[], defaults=[],
        )  # fmt: skip
        body = [*self.body, *end] or [ast.Pass()]
        define = ast.FunctionDef("values", parameters, body, decorator_list=[])
        module = ast.fix_missing_locations(ast.Module([define], type_ignores=[]))
        try:
            code = compile(module, "<template>", "exec")
        except (SyntaxError, ValueError, RecursionError) as error:
            raise TemplateSyntaxError(f"it can't be compiled: {error}", 1) from None
        exec(code, self.globals)  # noqa: S102 - made of the nodes below alone, never of text
        return self.globals["values"]

    def value(self, node: nodes.Expr) -> ast.expr:
        """Write one whole expression, or a call of Jinja's function for it."""
        try:
            return self.emit(node)
        except NotPlain:
            function = by_jinja(self.environment, node)
            return ast_call(self.known(function, "jinja"), ast_name("scope"))

    def emit(self, node: nodes.Node) -> ast.expr:
        """Write an expression.

        :raises NotPlain: it holds a node that isn't listed here.
        """
        match node:
            case nodes.Const(value=value) if type(value) in PLAIN:
                return ast.Constant(value)
            case nodes.TemplateData():
                return ast.Constant(node.data)
            case nodes.Name() | nodes.Getattr() | nodes.Getitem():
                return self.read(node)
            case nodes.Filter() if node.node is not None:
                return self.filter(node, self.emit(node.node))
            case nodes.Test():
                function = self.environment.tests.get(node.name)
                return self.call(node, function, self.emit(node.node))
            case nodes.And() | nodes.Or():
                operator = ast.And() if isinstance(node, nodes.And) else ast.Or()
                return ast.BoolOp(operator, [self.emit(node.left), self.emit(node.right)])
            case nodes.Not() | nodes.Neg() | nodes.Pos():
                return self.folded(ast.UnaryOp(UNARY[type(node)](), self.emit(node.node)))
            case nodes.BinExpr():
                left, right = self.emit(node.left), self.emit(node.right)
                operator_name = ast.Constant(node.operator)
                return self.folded(
                    ast_call(ast_name("binop"), ast.Constant(None), operator_name, left, right)
                )
            case nodes.Compare():
                return ast.Compare(
                    self.emit(node.expr),
                    [OPERATORS[operand.op]() for operand in node.ops],
                    [self.emit(operand.expr) for operand in node.ops],
                )
            case nodes.CondExpr():
                return ast.IfExp(self.emit(node.test), self.emit(node.expr1), self.otherwise(node))
            case nodes.List():
                return ast.List([self.emit(item) for item in node.items], ast.Load())
            case nodes.Tuple():
                return ast.Tuple([self.emit(item) for item in node.items], ast.Load())
            case nodes.Dict():
                keys: list[ast.expr | None] = [self.emit(pair.key) for pair in node.items]
                return ast.Dict(keys, [self.emit(pair.value) for pair in node.items])
        raise NotPlain

    # -- reading ---------------------------------------------------------------------------------

    def read(self, node: nodes.Name | nodes.Getattr | nodes.Getitem) -> ast.expr:
        path = self.path(node)
        if path is not None:
            return ast_name(self.variable(path))
        if isinstance(node, nodes.Name):
            raise NotPlain
        value = self.emit(node.node)
        if isinstance(node, nodes.Getattr):
            return ast_call(ast_name("getattr"), value, ast.Constant(node.attr))
        return ast_call(ast_name("getitem"), value, self.emit(node.arg))

    def path(self, node: nodes.Node) -> tuple[str | int, ...] | None:
        """Return the name and the fields or places that lead to a value, where that is all."""
        key: Any
        match node:
            case nodes.Name(ctx="load"):
                return (node.name,)
            case nodes.Getattr():
                key = node.attr
            case nodes.Getitem():
                argument = self.emit(node.arg)
                if not isinstance(argument, ast.Constant) or type(argument.value) not in (str, int):
                    return None
                key = argument.value
            case _:
                return None
        above = self.path(node.node)
        return None if above is None else (*above, key)

    def variable(self, path: tuple[str | int, ...]) -> str:
        """Return the variable that holds what is at a path; the first to ask has it read."""
        if path in self.variables:
            return self.variables[path]
        *above, key = path
        if not above:
            here, name = "scope", str(key)
            missing = ast_call(ast_name("blank"), name=ast.Constant(name))
            value: ast.expr = ast_field("scope", name, missing)
        else:
            here = self.variable(tuple(above))
            if isinstance(key, int):
                value = ast_call(ast_name("getitem"), ast_name(here), ast.Constant(key))
            else:
                missing = ast_call(ast_name("getattr"), ast_name(here), ast.Constant(key))
                value = ast_field(self.fields_of(here), key, missing)
        variable = self.variables[path] = f"v{len(self.variables)}"
        self.body.append(ast_assign(variable, value))
        return variable

    def fields_of(self, variable: str) -> str:
        """Return the variable that holds the same where it is a plain dict, else an empty dict."""
        fields = f"{variable}_fields"
        if variable not in self.with_fields:
            self.with_fields.add(variable)
            test = ast_is_a(ast_name(variable), "dict")
            self.body.append(
                ast_assign(fields, ast.IfExp(test, ast_name(variable), ast_name("no_fields")))
            )
        return fields

    # -- filters, tests and the rest -------------------------------------------------------------

    def filter(self, node: nodes.Filter, value: ast.expr) -> ast.expr:
        named = [str(pair.key) for pair in node.kwargs]
        known = self.environment.filters.get(node.name)
        function = None if known is None else without_default(known, len(node.args), named)
        method = METHODS.get(function) if function is not None and not node.args else None
        stands_in = function is default and [type(one) for one in node.args] == [nodes.Const]
        if isinstance(value, ast.Constant) or named or not (method or stands_in):
            return self.call(node, function, value)
        self.temporary += 1
        kept = f"t{self.temporary}"
        first = ast.NamedExpr(ast.Name(kept, ast.Store()), value)
        usual = self.call(node, function, ast_name(kept))
        if method is None:
            return ast.IfExp(ast_has_ink(kept, first), ast_name(kept), usual)
        return ast.IfExp(ast_is_a(first, "str"), ast_call(ast_attribute(kept, method)), usual)

    def call(self, node: nodes.Filter | nodes.Test, function: Any, value: ast.expr) -> ast.expr:
        """Write a call of a filter or test."""
        plain = function is not None and not hasattr(function, "jinja_pass_arg")
        if not plain or node.dyn_args is not None or node.dyn_kwargs is not None:
            raise NotPlain
        return self.folded(
            ast_call(
                self.known(function, node.name),
                value,
                *(self.emit(argument) for argument in node.args),
                **{str(pair.key): self.emit(pair.value) for pair in node.kwargs},
            )
        )

    def otherwise(self, node: nodes.CondExpr) -> ast.expr:
        if node.expr2 is not None:
            return self.emit(node.expr2)
        sentence = (
            f"the inline if-expression on line {node.lineno} evaluated to false and no else"
            " section was defined."
        )
        return ast_call(ast_name("undefined"), ast.Constant(sentence))

    def known(self, function: Any, name: str) -> ast.expr:
        """Return the name by which the function that is being written knows another one."""
        for known, value in self.globals.items():
            if value is function:
                return ast_name(known)
        known = f"{name}_{len(self.globals)}"
        self.globals[known] = function
        return ast_name(known)

    def folded(self, value: ast.expr) -> ast.expr:
        """Return what has nothing but constants in it as a constant, unless it fails."""
        names = (part.id for part in ast.walk(value) if isinstance(part, ast.Name))
        if any(name not in self.globals for name in names):
            return value
        expression = ast.fix_missing_locations(ast.Expression(value))
        try:
            found = eval(compile(expression, "<template>", "eval"), self.globals)  # noqa: S307 - constants
        except Exception:
            return value  # it fails for every record; `check` says so
        return ast.Constant(found) if type(found) in PLAIN else value
