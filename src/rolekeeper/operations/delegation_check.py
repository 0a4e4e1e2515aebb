"""Whether somebody has the permissions that a policy would hand on: an estimate, and it says when it is none.

Each action of the policy is asked on each of its resources, beside the caller's own policies and without any
condition key; a pattern stands for the actions that the Service Authorization Reference has for it. Where
conditions would decide, or a Deny might lie inside a pattern of resources, nobody can be sure.
Source: `PermissionCheckResult` of GetDelegationRequest in the IAM API Reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from rolekeeper.policy import catalog
from rolekeeper.policy.authorize import asks_for_keys, authorize
from rolekeeper.policy.context import RequestContext
from rolekeeper.policy.decision import PolicyLayers
from rolekeeper.policy.document import PolicyDocument
from rolekeeper.policy.patterns import matcher
from rolekeeper.policy.reference_elements import speaks_of_action
from rolekeeper.service.authorizer import Authorizer
from rolekeeper.service.call import Access, Call, Resource

ALLOWED, DENIED, UNSURE = "ALLOWED", "DENIED", "UNSURE"

_MOST = 2000  # questions: policies that ask for more are for a person to read
_MOST_PATTERNS = 50  # each is held against all actions of its service


def result(call: Call, policy: PolicyDocument) -> dict[str, str]:
    """The members of GetDelegationRequest's answer; the check is done when it is answered."""
    return {"PermissionCheckStatus": "COMPLETE", "PermissionCheckResult": _result(call, policy)}


def _result(call: Call, policy: PolicyDocument) -> str:
    if call.caller.is_root:
        return ALLOWED
    everything = Resource(arn="*", account=call.account)
    layers = Authorizer(call.organizations).layers(
        call.caller, call.store, Access(action="*", resource=everything)
    )
    questions = list(islice(_questions(policy), _MOST + 1))
    answers = {_answer(call, layers, action, resource) for action, resource in questions}
    if DENIED in answers:
        return DENIED
    return UNSURE if UNSURE in answers or len(questions) > _MOST else ALLOWED


def _questions(policy: PolicyDocument) -> Iterator[tuple[str, str]]:
    """Each action with each resource; an action that stands for too many to ask is told as it is written."""
    allowing = [statement for statement in policy.statements if statement.effect == "Allow"]
    written = dict.fromkeys(action for statement in allowing for action in statement.actions or ("*",))
    meant = {pattern: _meant(pattern) for pattern in islice(filter(_is_pattern, written), _MOST_PATTERNS)}
    for statement in allowing:
        listed = statement.actions or ("*",)
        actions = dict.fromkeys(one for action in listed for one in meant.get(action, [action]))
        on_some = [action for action in actions if catalog.takes_resources(action.lower())]
        for resource in statement.resources or ("*",):
            yield from ((action, resource) for action in (actions if resource == "*" else on_some))


def _meant(pattern: str) -> list[str]:
    """The actions that a pattern stands for; the pattern itself where it is not known to be for any."""
    service, _, name = pattern.partition(":")
    fits = matcher(name.lower())
    return [f"{service}:{one}" for one in catalog.actions(service) if fits(one.lower())] or [pattern]


def _answer(call: Call, layers: PolicyLayers, action: str, resource: str) -> str:
    if _is_pattern(action) or asks_for_keys(layers, action):
        return UNSURE
    context = RequestContext(
        principal=call.caller.principal, action=action, resource=resource, resource_account=call.account
    )
    if not authorize(context, layers).allowed:
        return DENIED
    return UNSURE if _is_pattern(resource) and _denies(layers, action) else ALLOWED


def _is_pattern(text: str) -> bool:
    return "*" in text or "?" in text


def _denies(layers: PolicyLayers, action: str) -> bool:
    """Whether any statement about the action denies something."""
    documents = (*layers.identity, *(layers.boundary or ()), *(layers.session or ()))
    return any(
        statement.effect == "Deny" and speaks_of_action(statement, action)
        for document in documents
        for statement in document.statements
    )
