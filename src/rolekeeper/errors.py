"""Everything that can go wrong, as one tree.

    RolekeeperError
    ├── ConfigurationError          a setting or file of ours: the command exits with 3
    │   └── UsageError              a flag: the command exits with 2
    ├── StoreError                  the store cannot be opened or has failed
    └── AwsError                    answered on the wire, with AWS's code, HTTP status and text
        ├── SenderError             the caller's fault (Type "Sender")
        │   ├── authentication      MissingAuthenticationToken, IncompleteSignature, InvalidClientTokenId, ...
        │   ├── the request         InvalidAction, ValidationError, MalformedQueryString, ...
        │   ├── authorization       AccessDenied
        │   └── IAM and STS         NoSuchEntity, EntityAlreadyExists, DeleteConflict, ...
        └── ReceiverError           ours (Type "Receiver"): ServiceFailure, NotImplementedByServer

Codes and statuses are those of botocore's models and of the "Common Errors" pages of the IAM and STS
API references; `tests/contracts/test_errors.py` holds the classes against the models. Messages are
AWS's wherever AWS's are known, and never carry a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar


class RolekeeperError(Exception):
    """The root of all errors that Rolekeeper raises itself."""


class ConfigurationError(RolekeeperError):
    """A setting, flag or file is wrong; the text says what to do."""


class UsageError(ConfigurationError):
    """A flag has a value that it cannot have."""


class StoreError(RolekeeperError):
    """The store cannot be opened, or failed in a way that no request caused."""


class AwsError(RolekeeperError):
    """An error with an answer of AWS's: a code, an HTTP status, a type and a message."""

    code: ClassVar[str]
    status: ClassVar[int]
    fault: ClassVar[str]
    details: Mapping[str, str] = MappingProxyType({})
    """What the answer says besides code and text, by the model's names: `Reason`."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message)
        self.message = message


class SenderError(AwsError):
    """The request is at fault."""

    fault = "Sender"


class ReceiverError(AwsError):
    """The server is at fault."""

    fault = "Receiver"


# -- authentication -------------------------------------------------------------------------------


class MissingAuthenticationToken(SenderError):
    """The request carries no credentials."""

    code, status = "MissingAuthenticationToken", 403

    def __init__(self, message: str = "Request is missing Authentication Token") -> None:
        super().__init__(message)


class IncompleteSignature(SenderError):
    """The Authorization header or the query form of the signature is not as it must be."""

    code, status = "IncompleteSignature", 400


class InvalidClientTokenId(SenderError):
    """The access key ID or the session token is not one of ours, or may not be used here."""

    code, status = "InvalidClientTokenId", 403

    def __init__(self, message: str = "The security token included in the request is invalid.") -> None:
        super().__init__(message)


class SignatureDoesNotMatch(SenderError):
    """The signature, its scope or its date is wrong."""

    code, status = "SignatureDoesNotMatch", 403

    def __init__(
        self,
        message: str = (
            "The request signature we calculated does not match the signature you provided. Check your AWS "
            "Secret Access Key and signing method. Consult the service documentation for details."
        ),
    ) -> None:
        super().__init__(message)


class ExpiredToken(SenderError):
    """The session has ended."""

    code, status = "ExpiredToken", 403

    def __init__(self, message: str = "The security token included in the request is expired") -> None:
        super().__init__(message)


class RequestExpired(SenderError):
    """A presigned request is used past its time."""

    code, status = "RequestExpired", 400


# -- the request ----------------------------------------------------------------------------------


class InvalidAction(SenderError):
    """The model has no such operation."""

    code, status = "InvalidAction", 400


class MissingAction(SenderError):
    """The request names no operation."""

    code, status = "MissingAction", 400


class ValidationError(SenderError):
    """A parameter does not satisfy a constraint of the model."""

    code, status = "ValidationError", 400


class MalformedQueryString(SenderError):
    """The body or the query string cannot be read."""

    code, status = "MalformedQueryString", 404


class MalformedInput(SenderError):
    """The request cannot be read, in another way than its query string."""

    code, status = "MalformedInput", 400


class Serialization(SenderError):
    """The body of a request in JSON is none, or a value in it is of the wrong type."""

    code, status = "SerializationException", 400


class RequestEntityTooLarge(SenderError):
    """The body is larger than any request of the API can be."""

    code, status = "RequestEntityTooLarge", 413


class RequestTimeout(SenderError):
    """The request did not arrive in time."""

    code, status = "RequestTimeoutException", 408

    def __init__(self, message: str = "The request did not arrive in time") -> None:
        super().__init__(message)


class Throttling(SenderError):
    """Too many requests at once; the client should try again."""

    code, status = "Throttling", 400


# -- authorization --------------------------------------------------------------------------------


class AccessDenied(SenderError):
    """The policies do not allow it, or a rule of the service forbids it to this kind of caller."""

    code, status = "AccessDenied", 403


# -- IAM ------------------------------------------------------------------------------------------


class NoSuchEntity(SenderError):
    """What the request names does not exist."""

    code, status = "NoSuchEntity", 404


class EntityAlreadyExists(SenderError):
    """Something of that name exists."""

    code, status = "EntityAlreadyExists", 409


class DeleteConflict(SenderError):
    """What is to be deleted is still in use."""

    code, status = "DeleteConflict", 409


class LimitExceeded(SenderError):
    """A quota is used up."""

    code, status = "LimitExceeded", 409


class MalformedPolicyDocument(SenderError):
    """A policy document is not one."""

    code, status = "MalformedPolicyDocument", 400


class InvalidInput(SenderError):
    """A parameter is of the right form and wrong all the same."""

    code, status = "InvalidInput", 400


class UnmodifiableEntity(SenderError):
    """Only the service that owns it may change this."""

    code, status = "UnmodifiableEntity", 400


class PolicyNotAttachable(SenderError):
    """The policy is made for one service's role."""

    code, status = "PolicyNotAttachable", 400


class PasswordPolicyViolation(SenderError):
    """The password is not such as the account's policy asks for."""

    code, status = "PasswordPolicyViolation", 400


class InvalidUserType(SenderError):
    """Only a user can do this, and the caller is none."""

    code, status = "InvalidUserType", 400


class InvalidAuthenticationCode(SenderError):
    """The codes are not two in a row of that MFA device."""

    code, status = "InvalidAuthenticationCode", 403


class MalformedCertificate(SenderError):
    """A certificate, its key or its chain cannot be read, or does not hang together."""

    code, status = "MalformedCertificate", 400


class InvalidCertificate(SenderError):
    """The certificate can be read and is not valid."""

    code, status = "InvalidCertificate", 400


class DuplicateCertificate(SenderError):
    """The account has this signing certificate."""

    code, status = "DuplicateCertificate", 409


class KeyPairMismatch(SenderError):
    """The private key is not that of the certificate."""

    code, status = "KeyPairMismatch", 400


class InvalidPublicKey(SenderError):
    """The SSH public key is damaged, or of a kind that cannot be used."""

    code, status = "InvalidPublicKey", 400


class DuplicateSshPublicKey(SenderError):
    """The user has this SSH public key."""

    code, status = "DuplicateSSHPublicKey", 400


class UnrecognizedPublicKeyEncoding(SenderError):
    """The SSH public key is in none of the two encodings."""

    code, status = "UnrecognizedPublicKeyEncoding", 400


class NotSupportedService(SenderError):
    """The service has no credentials of its own."""

    code, status = "NotSupportedService", 404


class FeatureEnabled(SenderError):
    """The feature is enabled already."""

    code, status = "FeatureEnabled", 409


class FeatureDisabled(SenderError):
    """The feature is disabled."""

    code, status = "FeatureDisabled", 404


class NameConflict(SenderError):
    """A role has the name that the template gives, and is another one."""

    code, status = "NameConflict", 409


class RoleModified(SenderError):
    """Somebody has changed the role that was made from the template."""

    code, status = "RoleModified", 409


class OrganizationNotFound(SenderError):
    """The account is in no organization."""

    code, status = "OrganizationNotFoundException", 400


class ConcurrentModification(SenderError):
    """Somebody else changed it at the same time."""

    code, status = "ConcurrentModification", 409


class ReportNotPresent(SenderError):
    """Nobody has asked for a credential report yet."""

    code, status = "ReportNotPresent", 410


class ReportExpired(SenderError):
    """The credential report is older than four hours."""

    code, status = "ReportExpired", 410


# -- STS ------------------------------------------------------------------------------------------


class PackedPolicyTooLarge(SenderError):
    """Session policies and tags together are over the packed limit."""

    code, status = "PackedPolicyTooLarge", 400


class InvalidParameterValue(SenderError):
    """A session tag or a transitive tag key is of the right form and wrong all the same."""

    code, status = "InvalidParameterValue", 400


class InvalidIdentityToken(SenderError):
    """A web identity token or a SAML assertion is not what it claims to be, or not for here."""

    code, status = "InvalidIdentityToken", 400


class ExpiredIdentityToken(SenderError):
    """A web identity token or a SAML assertion is past its end."""

    code, status = "ExpiredTokenException", 400


class IdentityProviderRejectedClaim(SenderError):
    """What a token says of somebody cannot be taken."""

    code, status = "IDPRejectedClaim", 403


class IdentityProviderCommunicationError(SenderError):
    """The keys of an identity provider could not be had."""

    code, status = "IDPCommunicationError", 400


class InvalidInputException(SenderError):
    """A request to AWS Organizations is wrong; the reason is one of a list of AWS's."""

    code, status = "InvalidInputException", 400

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.details = {"Reason": reason}


class RegionDisabled(SenderError):
    """STS is not active in that region for the account."""

    code, status = "RegionDisabledException", 403


class OutboundFederationDisabled(SenderError):
    """The account gives no tokens for services elsewhere."""

    code, status = "OutboundWebIdentityFederationDisabledException", 403


class SessionDurationEscalation(SenderError):
    """A token would outlive the session that asks for it."""

    code, status = "SessionDurationEscalationException", 403


class ExpiredTradeInToken(SenderError):
    """The time of a delegation is over, and its token with it."""

    code, status = "ExpiredTradeInTokenException", 400


class TokenPayloadSizeExceeded(SenderError):
    """The claims of a token take too much."""

    code, status = "JWTPayloadSizeExceededException", 400


# -- ours -----------------------------------------------------------------------------------------


class ServiceFailure(ReceiverError):
    """Something failed that no request should make fail; the log has it under the request's ID."""

    code, status = "ServiceFailure", 500

    def __init__(
        self,
        message: str = (
            "The request processing has failed because of an unknown error, exception or failure."
        ),
    ) -> None:
        super().__init__(message)


class NotImplementedByServer(ReceiverError):
    """The operation is in AWS's model and this server does not have it."""

    code, status = "NotImplemented", 501
