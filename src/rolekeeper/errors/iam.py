"""Errors of IAM."""

from __future__ import annotations

from rolekeeper.errors.tree import SenderError


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


class ReportNotPresent(SenderError):
    """Nobody has asked for a credential report yet."""

    code, status = "ReportNotPresent", 410


class ReportExpired(SenderError):
    """The credential report is older than four hours."""

    code, status = "ReportExpired", 410


class OrganizationNotFound(SenderError):
    """The account is in no organization."""

    code, status = "OrganizationNotFoundException", 400


class OrganizationNotInAllFeaturesMode(SenderError):
    """The organization has consolidated billing only."""

    code, status = "OrganizationNotInAllFeaturesModeException", 400


class ServiceAccessNotEnabled(SenderError):
    """IAM has no trusted access in the organization."""

    code, status = "ServiceAccessNotEnabledException", 400


class AccountNotManagementOrDelegatedAdministrator(SenderError):
    """Only the management account or IAM's delegated administrator may do this."""

    code, status = "AccountNotManagementOrDelegatedAdministratorException", 400


class CallerIsNotManagementAccount(SenderError):
    """Only the management account may do this."""

    code, status = "CallerIsNotManagementAccountException", 400


class ConcurrentModification(SenderError):
    """Somebody else changed it at the same time."""

    code, status = "ConcurrentModification", 409
