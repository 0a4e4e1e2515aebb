"""GetHumanReadableSummary: what a delegation request asks for, in words that its policy alone has made.

AWS has a language model write it, asynchronously and in the languages of its console. Here the sentences are
made from the statements, at once and in English; a summary in another language is not supported.
Source: GetHumanReadableSummary in the IAM API Reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rolekeeper.arn import Arn
from rolekeeper.errors import InvalidInput, NoSuchEntity
from rolekeeper.iam.delegation import DelegationRequest
from rolekeeper.iam.delegation_templates import role_boundaries
from rolekeeper.operations import delegation_parties
from rolekeeper.policy.prose import sentences
from rolekeeper.service.authorizer import document
from rolekeeper.service.call import Call, Resource
from rolekeeper.service.registry import operation

_DEFAULT = "en-US"
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{2,4})?")
_LONGEST = 10_000  # characters of a summary
_MORE = "\n- and more: read the policy itself."


def _parts(entity_arn: str) -> tuple[str, str]:
    """The account and the ID in the ARN of a delegation request; InvalidInput for any other text."""
    try:
        arn = Arn.parse(entity_arn)
    except ValueError:
        raise InvalidInput(f"Invalid entity ARN: {entity_arn}") from None
    if arn.service != "iam" or arn.resource_type != DelegationRequest.kind or arn.resource.count("/") != 1:
        raise InvalidInput(f"Only a delegation request can be summarized, and not {entity_arn}.")
    return arn.account, arn.name


def _summarized(call: Call, *, entity_arn: str, **_: Any) -> Resource:
    try:
        _account, request_id = _parts(entity_arn)
    except InvalidInput:
        return Resource(arn=entity_arn, account=call.account)
    return delegation_parties.resource(call, delegation_request_id=request_id)


def _owner_key(call: Call, *, entity_arn: str, **_: Any) -> Mapping[str, str]:
    try:
        _account, request_id = _parts(entity_arn)
    except InvalidInput:
        return {}
    return delegation_parties.owner_key(call, delegation_request_id=request_id)


@operation(resource=_summarized, keys=_owner_key)
def get_human_readable_summary(call: Call, *, entity_arn: str, locale: str = _DEFAULT) -> dict[str, Any]:
    """Say in sentences what a delegation request asks for. The ARN may be of the caller's account or of the
    requestor's."""
    account, request_id = _parts(entity_arn)
    if _LOCALE.fullmatch(locale) is None:
        raise InvalidInput(f"Invalid locale: {locale}")
    request = delegation_parties.get(call, request_id)
    if account not in (call.account, request.account):
        raise NoSuchEntity(DelegationRequest.missing.format(noun=DelegationRequest.noun, name=request_id))
    if re.split("[-_]", locale.lower())[0] != "en":
        return {"SummaryState": "NOT_SUPPORTED", "Locale": locale}
    return {"SummaryState": "AVAILABLE", "Locale": locale, "SummaryContent": _summary(request)}


def _summary(request: DelegationRequest) -> str:
    policy = document(request.policy)
    lasting = _duration(request.duration)
    lines = [
        f"Account {request.account} asks for {lasting}, within the permissions of whoever accepts, for this:",
        *(f"- {sentence}" for sentence in sentences(policy)),
    ]
    boundaries = role_boundaries(policy)
    if boundaries:
        lines.append(f"Roles that it makes stay afterwards, within the boundary {' or '.join(boundaries)}.")
    text = "\n".join(lines)
    return text if len(text) <= _LONGEST else text[: _LONGEST - len(_MORE)] + _MORE


def _duration(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "hour"), (minutes, "minute"), (left, "second"))
    return " and ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in parts if number)
