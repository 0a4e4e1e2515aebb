"""A case: one question to the policies, with the answer that is expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from rolekeeper.cli.suites.expectation import Expectation
from rolekeeper.cli.suites.nodes import Place, SuiteError
from rolekeeper.cli.suites.settings import Settings, whole_principal
from rolekeeper.cli.suites.sources import Policies, layers_of
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import PolicyLayers

_ACTION: Final = re.compile("[a-z0-9-]+:[A-Za-z0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One decision that a file asks for. `place` is where it is written."""

    name: str
    place: Place
    request: RequestContext
    layers: PolicyLayers = field(repr=False)
    policies: Policies = field(repr=False)
    expectation: Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What all cases of a file have around them: its defaults, and its names for principals and resources."""

    defaults: Settings
    principals: Mapping[str, Settings]
    resources: Mapping[str, Settings]

    def circumstances(self, own: Settings, principal: str | None, resource: str | None) -> Settings:
        """The settings of a row that asks for this principal and this resource, or for the defaults'."""
        asked = resource or own.resource or self.defaults.resource
        named = self.resources.get(asked or "", Settings(resource=asked))
        found = self.defaults.overridden_by(self._asking(own, principal)).overridden_by(named)
        return found.overridden_by(replace(own, principal=None, resource=None))

    def _asking(self, own: Settings, principal: str | None) -> Settings:
        """The one who asks, with whatever belongs to it: the row's own, or the defaults'."""
        for settings, name in ((own, principal or own.principal), (self.defaults, self.defaults.principal)):
            named = self.principals.get(name or "", Settings(principal=name))
            if settings.asking is not None:
                return settings.asking.overridden_by(named)
            if name is not None:
                return named
        return Settings()


class CaseMaker:
    """Makes the cases of one set of circumstances; the policies are put together once."""

    def __init__(self, settings: Settings, place: Place) -> None:
        self._settings = settings
        self._place = place
        self._layers = layers_of(settings.policies)

    def case(self, name: str, action: str, expectation: Expectation, place: Place | None = None) -> Case:
        """The case of one action."""
        settings, place = self._settings, place or self._place
        for needed in ("principal", "resource"):
            if getattr(settings, needed) is None:
                raise SuiteError(place, f"no `{needed}` here, and none at the top of the file")
        if _ACTION.fullmatch(action) is None:
            raise SuiteError(place, f"`{action}` is no action; write one in full, such as s3:GetObject")
        resource = str(settings.resource)
        if resource != "*" and not resource.startswith("arn:"):
            raise SuiteError(place, f"`{resource}` is no ARN, nor a name among the `resources` of the file")
        request = {
            "principal": whole_principal(str(settings.principal), settings.account, place),
            "action": action,
            "resource": resource,
            "resource_account": settings.resource_account,
            "context": settings.keys(),
        }
        try:
            context = RequestContext.from_json(request)
        except ValueError as error:
            reason = str(error).removeprefix("request: ")
            raise SuiteError(place, f"{reason} (nor a name among the `principals` of the file)") from None
        return Case(
            name=name,
            place=place,
            request=context,
            layers=self._layers,
            policies=settings.policies,
            expectation=expectation,
        )
