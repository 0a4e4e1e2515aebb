"""Flags that several commands have: a dataclass whose fields are `Annotated` options, given to each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints


def spread(kind: type[Any], name: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the fields of `kind` as flags, in the place of its parameter `name`, which gets them."""

    def decorate(command: Callable[..., None]) -> Callable[..., None]:
        names = [field.name for field in fields(kind)]

        def run(**arguments: Any) -> None:
            given = kind(**{each: arguments.pop(each) for each in names})
            command(**{name: given}, **arguments)

        found: list[Parameter] = []
        for parameter in signature(command, eval_str=True).parameters.values():
            found += _parameters(kind) if parameter.name == name else [parameter]
        run.__name__, run.__doc__ = command.__name__, command.__doc__
        run.__signature__ = Signature(found)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in found}
        return run

    return decorate


def _parameters(kind: type[Any]) -> list[Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.POSITIONAL_OR_KEYWORD,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(kind)
    ]
