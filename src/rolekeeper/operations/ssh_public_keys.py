"""SSH public keys of users.

Source: the IAM API Reference.
"""

from __future__ import annotations

from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.errors import DuplicateSshPublicKey
from rolekeeper.iam import ssh_keys
from rolekeeper.iam.ssh_keys import SshPublicKey
from rolekeeper.operations import belongings, owners, paging, resources
from rolekeeper.operations.belongings import Owner
from rolekeeper.service.call import Call
from rolekeeper.service.registry import operation


def _metadata(entity: SshPublicKey, whose: Owner) -> dict[str, Any]:
    return {
        "UserName": whose.name,
        "SSHPublicKeyId": entity.id,
        "Status": "Active" if entity.active else "Inactive",
        "UploadDate": entity.created,
    }


def _view(entity: SshPublicKey, whose: Owner, body: str) -> dict[str, Any]:
    return _metadata(entity, whose) | {"Fingerprint": entity.fingerprint, "SSHPublicKeyBody": body}


@operation(resource=resources.user, writes=True)
def upload_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_body: str) -> dict[str, Any]:
    """Give a user a public key."""
    whose = owners.user(call, user_name)
    blob, comment = ssh_keys.read(ssh_public_key_body)
    present = belongings.of(call, SshPublicKey, whose)
    if any(one.blob == blob for one in present):
        raise DuplicateSshPublicKey("The SSH public key is already associated with the specified IAM user.")
    belongings.refuse_over(call.limits.ssh_public_keys_per_user, "SSHPublicKeysPerUser", len(present))
    entity = SshPublicKey(
        account=call.account,
        id=ids.unique_id(ids.SSH_PUBLIC_KEY, call.account),
        blob=blob,
        comment=comment,
        created=call.now.replace(microsecond=0),
    )
    call.tx.collection(SshPublicKey).add(entity)
    call.tx.links.add(SshPublicKey.kind, whose.key, entity.key)
    return {"SSHPublicKey": _view(entity, whose, ssh_public_key_body)}


@operation(resource=resources.user)
def get_ssh_public_key(
    call: Call, *, user_name: str, ssh_public_key_id: str, encoding: str
) -> dict[str, Any]:
    """Read a public key in one of the two encodings."""
    whose = owners.user(call, user_name)
    entity = belongings.one(call, SshPublicKey, whose, ssh_public_key_id)
    return {"SSHPublicKey": _view(entity, whose, entity.body(encoding))}


@operation(resource=resources.user)
def list_ssh_public_keys(
    call: Call, *, user_name: str | None = None, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the public keys of a user, without the keys themselves."""
    whose = owners.user(call, user_name)
    return paging.of_list(
        belongings.of(call, SshPublicKey, whose),
        "SSHPublicKeys",
        key=lambda entity: entity.key,
        view=lambda entity: _metadata(entity, whose),
        marker=marker,
        max_items=max_items,
    )


@operation(resource=resources.user, writes=True)
def update_ssh_public_key(
    call: Call, *, user_name: str, ssh_public_key_id: str, status: str
) -> dict[str, Any]:
    """Switch a public key on or off."""
    entity = belongings.one(call, SshPublicKey, owners.user(call, user_name), ssh_public_key_id)
    changed = msgspec.structs.replace(entity, active=owners.switched_on(status))
    call.tx.collection(SshPublicKey).put(changed)
    return {}


@operation(resource=resources.user, writes=True)
def delete_ssh_public_key(call: Call, *, user_name: str, ssh_public_key_id: str) -> dict[str, Any]:
    """Delete a public key."""
    whose = owners.user(call, user_name)
    entity = belongings.one(call, SshPublicKey, whose, ssh_public_key_id)
    call.tx.links.remove(SshPublicKey.kind, whose.key, entity.key)
    call.tx.collection(SshPublicKey).delete(entity)
    return {}
