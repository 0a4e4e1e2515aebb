"""What an operation is, and the table of all of them.

`@operation` declares how a function is authorized and registers nothing: `app.py` hands the modules to
`OperationTable`, which finds the function of each operation of AWS's model by its name. That no function
is without its operation, `tests/contracts/test_operations.py` holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal, TypeVar

from rolekeeper.errors import InvalidAction, MissingAction, NotImplementedByServer
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.proofs import Proof
from rolekeeper.service.speech import speaks
from rolekeeper.wire import model
from rolekeeper.wire.answer import TARGET
from rolekeeper.wire.http import HttpRequest, HttpResponse
from rolekeeper.wire.rest_routes import route

Handler = Callable[..., Mapping[str, Any] | None]
Keys = Mapping[str, str | tuple[str, ...]]
Course = Literal["memory", "disk", "network", "unknown"]
"""What answering takes: memory only, a wait for the disk, or perhaps a document from elsewhere; unknown where
a request names no operation of ours."""
_H = TypeVar("_H", bound=Handler)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """How an operation is authorized: what `@operation` was given."""

    resource: Callable[..., Resource]
    action: str | Callable[..., str] | None
    also: Callable[..., Iterable[Access]] | None
    keys: Callable[..., Keys] | None
    writes: bool
    permission: bool
    proof: Proof | None


def operation(
    *,
    resource: Callable[..., Resource],
    action: str | Callable[..., str] | None = None,
    also: Callable[..., Iterable[Access]] | None = None,
    keys: Callable[..., Keys] | None = None,
    writes: bool = False,
    permission: bool = True,
    proof: Proof | None = None,
) -> Callable[[_H], _H]:
    """Declare a function to be the operation of its name.

    `resource(call, **arguments)` says what it is about, `action` what must be allowed on it where that is not
    the operation's own name, or a function that says so, `keys` gives the condition keys of its own (in
    lower case), `also` names further accesses that must be allowed. `writes`: it changes state.
    `permission=False`: AWS lets everyone call it and no policy can deny it. `proof`: it is not signed, and
    this finds out from what it brings who calls.
    """

    def declare(function: _H) -> _H:
        function.__operation__ = Declaration(  # type: ignore[attr-defined]
            resource=resource,
            action=action,
            also=also,
            keys=keys,
            writes=writes,
            permission=permission,
            proof=proof,
        )
        return function

    return declare


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operation:
    """One operation: its model, its function, and the closures that read and write it."""

    service: model.Service
    model: model.OperationModel
    name: str
    """The operation's name in the model: `GetRole`."""
    action: str
    """What a policy allows: `iam:GetRole`."""
    handler: Handler
    declaration: Declaration
    proof: Proof | None
    """What finds out who calls, where calls are not signed."""
    writes: bool
    """Whether it changes state."""
    read: Callable[[HttpRequest], Mapping[str, Any]]
    """Gives the members that a request has; ValidationError, MalformedInput, Serialization."""
    write: Callable[[Mapping[str, Any], str], HttpResponse]
    """Gives the answer of what the function has returned; the second argument is the request's ID."""
    course: Course
    """What answering a call takes."""
    data: bool = False
    """Whether it is about what a resource holds, which CloudTrail tells apart: an object, an item."""

    def arguments(self, request: HttpRequest, members: Mapping[str, Any]) -> Mapping[str, Any]:
        """What `read` found in the request, by the keywords of the function."""
        if self.service.protocol != "query":
            return self.model.arguments(members)
        form = request.form
        if form.members is not members:
            return self.model.arguments(members)
        if form.arguments is None:
            form.arguments = self.model.arguments(members)
        return form.arguments

    def accesses(self, call: Call, arguments: Mapping[str, Any]) -> list[Access]:
        """Every question that the policies must answer with yes before the function runs."""
        declared = self.declaration
        if not declared.permission:
            return []
        own = declared.keys
        keys = None if own is None else lambda: own(call, **arguments)
        action = declared.action(call, **arguments) if callable(declared.action) else self.action
        found = [Access(action=action, resource=declared.resource(call, **arguments), keys=keys)]
        if declared.also:
            found.extend(declared.also(call, **arguments))
        return found


class OperationTable:
    """All operations of a server, found by the `Version` and `Action` of a request, by its target, or by its
    method and path."""

    def __init__(self, modules: Mapping[str, Iterable[ModuleType]]) -> None:
        self._declared: dict[tuple[str, str], Handler] = {}
        self._ready: dict[tuple[str, str], Operation] = {}
        for service, found in modules.items():
            for module in found:
                for function in vars(module).values():
                    if hasattr(function, "__operation__"):
                        self._declared[service, function.__name__] = function

    def functions(self, service: str) -> dict[str, Handler]:
        """The declared functions of a service by their Python name."""
        return {name: function for (owner, name), function in self._declared.items() if owner == service}

    def find(self, request: HttpRequest) -> Operation:
        """The operation that a request names; MissingAction, InvalidAction, NotImplementedByServer."""
        found: Operation | None = request.operation
        if found is None:
            found = request.operation = self.named(*_place(request))
        return found

    def named(self, prefix: str, action: str) -> Operation:
        """The operation of that name, of the service of that version or target."""
        ready = self._ready.get((prefix, action))
        return ready if ready is not None else self._prepare((prefix, action))

    def course(self, request: HttpRequest) -> Course:
        """What answering a request takes."""
        try:
            return self.find(request).course
        except (MissingAction, InvalidAction, NotImplementedByServer):
            return "unknown"

    def _prepare(self, place: Place) -> Operation:
        prefix, action = place
        if not action:
            raise MissingAction("Missing Action")
        service = _service(prefix)
        found = service.operations.get(action) if service else None
        if service is None or found is None:
            shown = prefix or "NO_VERSION_SPECIFIED"
            raise InvalidAction(f"Could not find operation {action[:256]} for version {shown[:64]}")
        handler = self._declared.get((service.name, model.python_name(action)))
        if handler is None:
            raise NotImplementedByServer(f"This server does not have {service.name}:{action} yet.")
        declaration: Declaration = handler.__operation__  # type: ignore[attr-defined]
        read, write = speaks(service, found, keep=not declaration.writes)
        prepared = Operation(
            service=service,
            model=found,
            name=found.name,
            action=declaration.action if isinstance(declaration.action, str) else f"{service.name}:{action}",
            handler=handler,
            declaration=declaration,
            proof=declaration.proof,
            writes=declaration.writes,
            read=read,
            write=write,
            course="disk" if declaration.writes else "memory" if declaration.proof is None else "network",
        )
        self._ready[place] = prepared
        return prepared


Place = tuple[str, str]
"""By what a request names its operation: the service's version, target or, behind a slash, its name; and the
operation's name."""


def _service(prefix: str) -> model.Service | None:
    if prefix[:1] == "/":
        return model.service(prefix[1:])
    return model.service_by_version(prefix) or model.service_by_target(prefix)


def _place(request: HttpRequest) -> Place:
    target = request.header(TARGET)
    if target is None:
        if request.path != "/" and (found := route(request)) is not None:
            if found.operation is None:
                raise InvalidAction(f"{found.service.name} has no operation of that method and path")
            return f"/{found.service.name}", found.operation.name
        form = request.form
        place = form.place
        if place is None:
            place = form.place = (form.get("Version", ""), form.get("Action", ""))
        return place
    prefix, _, action = target.rpartition(".")
    return prefix, action
