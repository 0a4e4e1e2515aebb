"""Server certificates of an account: checked when they come, and their keys never shown again.

Source: the IAM API Reference; "Manage server certificates in IAM" in the IAM User Guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from rolekeeper import ids
from rolekeeper.arn import iam_arn
from rolekeeper.errors import EntityAlreadyExists, InvalidCertificate, MalformedCertificate
from rolekeeper.iam import certificates, tagging
from rolekeeper.iam.certificates import ServerCertificate
from rolekeeper.iam.secret import Secret
from rolekeeper.operations import belongings, creation, paging, resources, views
from rolekeeper.service.call import Access, Call, Resource
from rolekeeper.service.registry import operation


def _named(call: Call, *, server_certificate_name: str, path: str = "/", **_: Any) -> Resource:
    return resources.named(call, ServerCertificate, server_certificate_name, path)


def _metadata(call: Call, entity: ServerCertificate) -> dict[str, Any]:
    return {
        "Path": entity.path,
        "ServerCertificateName": entity.name,
        "ServerCertificateId": entity.id,
        "Arn": entity.arn(call.partition),
        "UploadDate": entity.created,
        "Expiration": entity.expires,
    }


@operation(resource=_named, also=creation.tagged("iam:TagServerCertificate", _named), writes=True)
def upload_server_certificate(
    call: Call,
    *,
    server_certificate_name: str,
    certificate_body: str,
    private_key: str,
    certificate_chain: str | None = None,
    path: str = "/",
    tags: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """Keep a certificate with its private key, and with the chain of its issuers."""
    certificate = certificates.single(certificate_body)
    certificates.require_key(certificate, private_key)
    if certificate_chain is not None:
        certificates.require_chain(certificate, certificate_chain)
    try:
        certificates.require_valid(certificate, call.now)
    except InvalidCertificate as error:  # this operation has another code for it
        raise MalformedCertificate(error.message) from None
    collection = call.tx.collection(ServerCertificate)
    quota = call.limits.server_certificates
    if collection.find(server_certificate_name) is None:
        belongings.refuse_over(quota, "ServerCertificatesPerAccount", collection.count())
    entity = ServerCertificate(
        account=call.account,
        name=server_certificate_name,
        name_path=path,
        id=ids.unique_id(ids.SERVER_CERTIFICATE, call.account),
        created=call.now.replace(microsecond=0),
        body=certificate_body.strip(),
        chain=certificate_chain.strip() if certificate_chain is not None else None,
        expires=certificate.not_valid_after_utc,
        tags=tagging.merged({}, tags, limit=call.limits.tags),
    )
    collection.add(entity)
    call.tx.secrets.put(ServerCertificate.kind, entity.id, Secret(private_key))
    answer: dict[str, Any] = {"ServerCertificateMetadata": _metadata(call, entity)}
    return answer | ({"Tags": views.tag_list(entity.tags)} if entity.tags else {})


@operation(resource=_named)
def get_server_certificate(call: Call, *, server_certificate_name: str) -> dict[str, Any]:
    """Read a certificate with its chain, without its key."""
    entity = call.tx.collection(ServerCertificate).get(server_certificate_name)
    view: dict[str, Any] = {
        "ServerCertificateMetadata": _metadata(call, entity),
        "CertificateBody": entity.body,
    }
    if entity.chain is not None:
        view["CertificateChain"] = entity.chain
    if entity.tags:
        view["Tags"] = views.tag_list(entity.tags)
    return {"ServerCertificate": view}


@operation(resource=resources.everything)
def list_server_certificates(
    call: Call, *, path_prefix: str = "/", marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the certificates under a path."""
    return paging.of_collection(
        call.tx.collection(ServerCertificate),
        "ServerCertificateMetadataList",
        lambda entity: _metadata(call, entity),
        path_prefix=path_prefix,
        marker=marker,
        max_items=max_items,
    )


def _renamed(
    call: Call,
    *,
    server_certificate_name: str,
    new_path: str | None = None,
    new_server_certificate_name: str | None = None,
) -> Iterator[Access]:
    """The permission on what the certificate is to become, as UpdateServerCertificate's page asks."""
    if new_path is None and new_server_certificate_name is None:
        return
    found = call.tx.collection(ServerCertificate).find(server_certificate_name)
    path = new_path or (found.path if found is not None else "/")
    name = new_server_certificate_name or server_certificate_name
    arn = iam_arn(call.partition, call.account, ServerCertificate.resource_type, path, name)
    yield Access(action=call.operation.action, resource=Resource(arn=arn, account=call.account))


@operation(resource=_named, also=_renamed, writes=True)
def update_server_certificate(
    call: Call,
    *,
    server_certificate_name: str,
    new_path: str | None = None,
    new_server_certificate_name: str | None = None,
) -> dict[str, Any]:
    """Rename or move a certificate; its ID stays."""
    collection = call.tx.collection(ServerCertificate)
    entity = collection.get(server_certificate_name)
    renamed = msgspec.structs.replace(
        entity, name=new_server_certificate_name or entity.name, name_path=new_path or entity.path
    )
    if renamed.key == entity.key:
        collection.put(renamed)
        return {}
    if collection.find(renamed.key) is not None:
        raise EntityAlreadyExists(ServerCertificate.taken.format(name=renamed.name))
    collection.delete(entity)
    collection.add(renamed)
    return {}


@operation(resource=_named, writes=True)
def delete_server_certificate(call: Call, *, server_certificate_name: str) -> dict[str, Any]:
    """Delete a certificate and its key."""
    collection = call.tx.collection(ServerCertificate)
    entity = collection.get(server_certificate_name)
    call.tx.secrets.delete(ServerCertificate.kind, entity.id)
    collection.delete(entity)
    return {}


@operation(resource=_named, writes=True)
def tag_server_certificate(
    call: Call, *, server_certificate_name: str, tags: list[dict[str, str]]
) -> dict[str, Any]:
    """Add or replace tags of a certificate."""
    entity = call.tx.collection(ServerCertificate).get(server_certificate_name)
    merged = tagging.merged(entity.tags, tags, limit=call.limits.tags)
    call.tx.collection(ServerCertificate).put(msgspec.structs.replace(entity, tags=merged))
    return {}


@operation(resource=_named, writes=True)
def untag_server_certificate(
    call: Call, *, server_certificate_name: str, tag_keys: list[str]
) -> dict[str, Any]:
    """Take tags from a certificate."""
    entity = call.tx.collection(ServerCertificate).get(server_certificate_name)
    rest = tagging.without(entity.tags, tag_keys)
    call.tx.collection(ServerCertificate).put(msgspec.structs.replace(entity, tags=rest))
    return {}


@operation(resource=_named)
def list_server_certificate_tags(
    call: Call, *, server_certificate_name: str, marker: str | None = None, max_items: int | None = None
) -> dict[str, Any]:
    """List the tags of a certificate."""
    return paging.of_list(
        views.tag_list(call.tx.collection(ServerCertificate).get(server_certificate_name).tags),
        "Tags",
        key=lambda tag: tag["Key"],
        view=lambda tag: tag,
        marker=marker,
        max_items=max_items,
    )
