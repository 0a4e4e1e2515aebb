"""A refusal in the words of the service that is asked.

EC2 says little, and seals the rest into a message that DecodeAuthorizationMessage opens for the caller's
account; SNS and S3's strangers have words of their own, and so have SQS, SNS and Kinesis where a key may not
be used; all others say what IAM says.
Sources: "Error codes" in the EC2 API Reference; "Common error types" in the SNS API Reference; "Error
responses" in the S3 API Reference; the errors of "SendMessage", "Publish" and "PutRecord" in the API
References of SQS, SNS and Kinesis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from rolekeeper.errors import AccessDenied, AuthorizationError, AwsError
from rolekeeper.errors.requests import KmsAccessDenied, KmsAccessDeniedException, KmsAccessDeniedOfQueue
from rolekeeper.service.call import ANONYMOUS, Caller
from rolekeeper.service.denials import Denials, Denied

_KEYS: Final[Mapping[str, Callable[[str], AwsError]]] = {
    "kinesis": KmsAccessDeniedException,
    "sns": KmsAccessDenied,
    "sqs": KmsAccessDeniedOfQueue,
}


def refusal(service: str, caller: Caller, denied: Denied, owner: str, denials: Denials) -> AwsError:
    """What a service answers to a caller whom policies refuse something of the account `owner`.

    To be called while the transaction is open in which it was decided.
    """
    if service == "ec2":
        text = f"You are not authorized to perform this operation. {denied.message}"
        if owner != denied.account:  # what stands in another account's policies is not for the caller's
            return AccessDenied(text)
        message = denials.encoded_message(denied)
        return AccessDenied(f"{text}. Encoded authorization failure message: {message}")
    if service in _KEYS and denied.context.action.startswith("kms:"):
        return _KEYS[service](denied.message)
    if service == "sns":
        return AuthorizationError(denied.message)
    if caller is ANONYMOUS or (service == "s3" and owner != denied.account and not _together(denied)):
        return AccessDenied("Access Denied")
    return denied


def _together(denied: Denied) -> bool:
    """Whether the caller's account and the resource's are in one organization."""
    keys = denied.context.keys
    own = keys.get("aws:principalorgid")
    return own is not None and own == keys.get("aws:resourceorgid")
