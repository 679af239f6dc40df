"""Nodes of Python's own syntax tree, as compiled templates need them, written in short."""

import ast


def ast_name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def ast_call(function: ast.expr, /, *arguments: ast.expr, **named: ast.expr) -> ast.Call:
    return ast.Call(function, list(arguments), [ast.keyword(k, v) for k, v in named.items()])


def ast_assign(variable: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(variable, ast.Store())], value)


def ast_attribute(variable: str, name: str) -> ast.Attribute:
    return ast.Attribute(ast_name(variable), name, ast.Load())


def ast_has_ink(variable: str, first: ast.expr) -> ast.BoolOp:
    """Write ``type(v) is str and v and not v.isspace()``; ``first`` gives ``v`` its value."""
    space = ast.UnaryOp(ast.Not(), ast_call(ast_attribute(variable, "isspace")))
    return ast.BoolOp(ast.And(), [ast_is_a(first, "str"), ast_name(variable), space])


def ast_is_a(value: ast.expr, kind: str) -> ast.Compare:
    return ast.Compare(ast_call(ast_name("type"), value), [ast.Is()], [ast_name(kind)])


def ast_field(fields: str, name: str, missing: ast.expr) -> ast.IfExp:
    """Write ``fields[name] if name in fields else missing``."""
    key = ast.Constant(name)
    there = ast.Compare(key, [ast.In()], [ast_name(fields)])
    return ast.IfExp(there, ast.Subscript(ast_name(fields), key, ast.Load()), missing)
