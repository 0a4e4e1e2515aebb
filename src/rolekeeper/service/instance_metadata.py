"""The pages of the instance metadata service, each as it is now.

What an instance is follows from the state of its account; its role's credentials are those that deliveries
keep fresh. A change of the profile, of its role or of the instance shows at the next look.
Source: "Retrieve security credentials from instance metadata" in the EC2 User Guide; "Troubleshoot IAM and
Amazon EC2" in the IAM User Guide (the codes of `iam/info` and of credentials that cannot be had).
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import msgspec

from rolekeeper.arn import iam_arn
from rolekeeper.iam import identity_document
from rolekeeper.iam.entities import InstanceProfile
from rolekeeper.iam.instance_metadata import Live, Tree, tree
from rolekeeper.iam.secret import Secret
from rolekeeper.iam.workloads import ASSOCIATED, Instance, ProfileAssociation
from rolekeeper.service.clock import Clock
from rolekeeper.service.delivery import Delivered, Deliveries, NotDelivered
from rolekeeper.service.grants import Version, grant_for, profile_of
from rolekeeper.service.instance_identity import InstanceIdentity
from rolekeeper.store.contract import Transaction
from rolekeeper.wire.model import partition_of

USER_DATA = "instance-user-data"
"""The kind of secret as which an instance's user data are kept."""

_SHOWN = "imds"
_HELP = "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html"


class NeedsIdentity(Exception):
    """The page needs the server's key, which has to be made first."""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What an instance is told, in one state of its account."""

    instance: Instance
    association: ProfileAssociation | None
    tree: Tree
    user_data: Secret | None


class InstanceMetadata:
    """Answers what is on a page. It reads memory, and makes sessions without a wait for the disk."""

    def __init__(self, *, deliveries: Deliveries, identity: InstanceIdentity, clock: Clock) -> None:
        self._deliveries = deliveries
        self._identity = identity
        self._clock = clock

    def place(self, tx: Transaction, account: str, instance_id: str) -> Place | None:
        """An instance with its pages; None where it is gone."""
        return tx.derived(_place, account, instance_id)

    def page(self, tx: Transaction, place: Place, path: str, version: Version) -> bytes | None:
        """The page of a path below the version; None where there is none. NeedsIdentity."""
        if path == "user-data" and place.user_data is not None:
            return place.user_data.reveal().encode("latin-1")
        found = place.tree.get(path)
        if found is Live.CREDENTIALS:
            return self._credentials(tx, place.instance, version)
        if found is Live.INFO:
            return self._info(tx, place, version)
        if isinstance(found, Live):
            return self._signed(tx, place.instance, found).encode()
        return None if found is None else found.encode()

    def certificate(self, tx: Transaction) -> bytes:
        """The certificate by which identity documents are checked. NeedsIdentity."""
        return identity_document.certificate(self._key(tx)).encode()

    def _credentials(self, tx: Transaction, instance: Instance, version: Version) -> bytes | None:
        grant = grant_for(tx, instance, version=version)
        if grant is None:
            return None
        try:
            delivered = self._deliveries.credentials(grant)
        except NotDelivered:
            return self._refused(grant.role_arn.rpartition("/")[2])
        shown = delivered.shown.get(_SHOWN)
        if shown is None:
            shown = delivered.shown[_SHOWN] = _credentials(delivered)
        return shown

    def _refused(self, role: str) -> bytes:
        return _json(
            {
                "Code": "AssumeRoleUnauthorizedAccess",
                "Message": f"EC2 cannot assume the role {role}. Please see documentation at {_HELP}"
                "#troubleshoot_iam-ec2_errors-info-doc-unauthorized-access.",
                "LastUpdated": _instant(self._clock.now()),
            }
        )

    def _info(self, tx: Transaction, place: Place, version: Version) -> bytes | None:
        instance, association = place.instance, place.association
        if association is None:
            return None
        path, _, name = association.profile_name.rpartition("/")
        partition = partition_of(instance.region)
        arn = iam_arn(partition, instance.account, InstanceProfile.resource_type, f"{path}/", name)
        shown = {"Code": "Success", "LastUpdated": _instant(self._last_updated(tx, instance, version))}
        profile = profile_of(tx, instance)
        if profile is None:
            shown["Code"] = "InstanceProfileNotFound"
            shown["Message"] = f"Instance Profile {arn} cannot be found. Please see documentation at {_HELP}"
            shown["Message"] += "#troubleshoot_iam-ec2_errors-info-doc-profile-not-found."
        elif profile.role is None:
            shown["Message"] = (
                f"Instance Profile does not contain a role. Please see documentation at {_HELP}"
            )
            shown["Message"] += "#troubleshoot_iam-ec2_errors-info-doc-no-role."
        return _json(shown | {"InstanceProfileArn": arn, "InstanceProfileId": association.profile_id})

    def _last_updated(self, tx: Transaction, instance: Instance, version: Version) -> datetime:
        grant = grant_for(tx, instance, version=version)
        if grant is not None:
            try:
                return self._deliveries.credentials(grant).last_updated
            except NotDelivered:
                pass
        return self._clock.now()

    def _signed(self, tx: Transaction, instance: Instance, page: Live) -> str:
        text = identity_document.document(instance)
        if page is Live.DOCUMENT:
            return text
        key = self._key(tx)
        make = identity_document.signature if page is Live.SIGNATURE else identity_document.message
        return make(key, text)

    def _key(self, tx: Transaction) -> Secret:
        key = self._identity.key(tx)
        if key is None:
            raise NeedsIdentity
        return key


def _place(tx: Transaction, account: str, instance_id: str) -> Place | None:
    state = tx.account(account)
    instance = state.collection(Instance).find(instance_id)
    if instance is None:
        return None
    found = state.links.targets(ASSOCIATED, instance_id)
    association = state.collection(ProfileAssociation).find(found[0]) if found else None
    profile = profile_of(tx, instance)
    user_data = state.secrets.get(USER_DATA, instance_id)
    pages = tree(
        instance,
        partition_of(instance.region),
        has_profile=association is not None,
        role=profile.role.name if profile is not None and profile.role is not None else None,
        user_data=user_data is not None,
    )
    return Place(instance=instance, association=association, tree=pages, user_data=user_data)


def _credentials(delivered: Delivered) -> bytes:
    credentials = delivered.credentials.view()
    return _json(
        {
            "Code": "Success",
            "LastUpdated": _instant(delivered.last_updated),
            "Type": "AWS-HMAC",
            "AccessKeyId": credentials["AccessKeyId"],
            "SecretAccessKey": credentials["SecretAccessKey"],
            "Token": credentials["SessionToken"],
            "Expiration": _instant(delivered.expiration),
        }
    )


def _instant(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _json(document: dict[str, Any]) -> bytes:
    return json.dumps(document, indent=2, separators=(",", " : ")).encode()
