"""The parameters of a connector's function: those it names, and those of a TypedDict it takes whole.

Operations that share fields keep them in one TypedDict and take it with
``**columns: Unpack[Columns]``; to recipes that is the same as naming each.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NotRequired, Required, get_args, get_origin, get_type_hints

from typing_extensions import Unpack
from typing_extensions import get_type_hints as typed_hints

#: The default of a parameter that may be left out, and then isn't given at all.
LEFT_OUT = object()


@cache
def parameters_of(function: Callable[..., Any]) -> Mapping[str, inspect.Parameter]:
    """Return a function's parameters by name; ``**anything`` that is no TypedDict is one of them."""
    found: dict[str, inspect.Parameter] = {}
    for name, one in inspect.signature(function).parameters.items():
        shared = _taken_whole(function, one)
        if shared is None:
            found[name] = one
            continue
        for field, hint in typed_hints(shared, include_extras=True).items():
            found[field] = inspect.Parameter(
                field,
                inspect.Parameter.KEYWORD_ONLY,
                default=one.empty if field in shared.__required_keys__ else LEFT_OUT,
                annotation=_bare(hint),
            )
    return found


def named(function: Callable[..., Any], parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of an operation's parameters that a function beside it asks for by name."""
    wanted = parameters_of(function)
    if any(one.kind is one.VAR_KEYWORD for one in wanted.values()):
        return dict(parameters)
    return {name: value for name, value in parameters.items() if name in wanted}


def hints_of(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations of a function's parameters, and under ``return`` of what it gives."""
    own = get_type_hints(function, include_extras=True)
    given = {name: own.get(name, one.annotation) for name, one in parameters_of(function).items()}
    known = {name: hint for name, hint in given.items() if hint is not inspect.Parameter.empty}
    return known | ({"return": own["return"]} if "return" in own else {})


def _bare(hint: Any) -> Any:
    """Return what a field's annotation says besides whether it may be left out."""
    return get_args(hint)[0] if _origin(hint) in (NotRequired, Required) else hint


def _taken_whole(function: Callable[..., Any], parameter: inspect.Parameter) -> Any:
    if parameter.kind is not parameter.VAR_KEYWORD or parameter.annotation is parameter.empty:
        return None
    hint = get_type_hints(function, include_extras=True)[parameter.name]
    return get_args(hint)[0] if _origin(hint) in (Unpack, typing.Unpack) else None


def _origin(hint: Any) -> Any:
    return get_origin(hint)
