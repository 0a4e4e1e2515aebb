"""All kinds of entity: what a store can keep, and nothing else."""

from __future__ import annotations

from rolekeeper.iam.access_reports import AccessReport, OrganizationsAccessReport
from rolekeeper.iam.account_features import OutboundFederation, RoleManager, TokenPreferences
from rolekeeper.iam.account_settings import AccountAlias
from rolekeeper.iam.buckets import AccountPublicAccess, Bucket, OwnObject, ResourcePolicy
from rolekeeper.iam.certificates import ServerCertificate, SigningCertificate
from rolekeeper.iam.clusters import Cluster
from rolekeeper.iam.credential_reports import CredentialReport
from rolekeeper.iam.delegation import DelegationRequest
from rolekeeper.iam.deletion_tasks import DeletionTask
from rolekeeper.iam.devices import MfaDevice
from rolekeeper.iam.entities import (
    AccessKey,
    Account,
    Entity,
    Group,
    InstanceProfile,
    ManagedPolicy,
    Role,
    User,
)
from rolekeeper.iam.issuer_keys import IssuerKey
from rolekeeper.iam.organization_requests import AccountRequest, Handshake
from rolekeeper.iam.organizations import (
    Membership,
    Organization,
    OrganizationAccount,
    OrganizationalUnit,
    OrganizationPolicy,
    OrganizationResourcePolicy,
)
from rolekeeper.iam.passwords import LoginProfile, PasswordPolicy
from rolekeeper.iam.providers import OidcProvider, SamlProvider
from rolekeeper.iam.roles_anywhere import AnywhereProfile, AnywhereSubject, RevocationList, TrustAnchor
from rolekeeper.iam.service_credentials import ServiceCredential
from rolekeeper.iam.ssh_keys import SshPublicKey
from rolekeeper.iam.workloads import (
    Function,
    Instance,
    PodAssociation,
    ProfileAssociation,
    ServiceRole,
    Task,
    WorkloadDoor,
)

KINDS: tuple[type[Entity], ...] = (
    Account,
    Role,
    User,
    Group,
    ManagedPolicy,
    InstanceProfile,
    AccessKey,
    MfaDevice,
    ServerCertificate,
    SigningCertificate,
    SshPublicKey,
    ServiceCredential,
    LoginProfile,
    PasswordPolicy,
    AccountAlias,
    OidcProvider,
    SamlProvider,
    DeletionTask,
    DelegationRequest,
    CredentialReport,
    OutboundFederation,
    IssuerKey,
    TokenPreferences,
    RoleManager,
    AccessReport,
    Organization,
    OrganizationalUnit,
    OrganizationAccount,
    OrganizationPolicy,
    Membership,
    OrganizationResourcePolicy,
    AccountRequest,
    Handshake,
    OrganizationsAccessReport,
    Instance,
    ProfileAssociation,
    Task,
    Function,
    PodAssociation,
    ServiceRole,
    WorkloadDoor,
    Cluster,
    TrustAnchor,
    AnywhereProfile,
    RevocationList,
    AnywhereSubject,
    Bucket,
    OwnObject,
    AccountPublicAccess,
    ResourcePolicy,
)
