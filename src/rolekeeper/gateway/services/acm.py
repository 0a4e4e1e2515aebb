"""AWS Certificate Manager: certificates by their ARNs; one that is asked for or imported has none yet.

Source: "Actions, resources, and condition keys for AWS Certificate Manager" in the Service Authorization
Reference; "Condition keys supported for ACM" in the ACM User Guide.
"""

from __future__ import annotations

from collections.abc import Mapping

from rolekeeper.gateway.asked import Asked
from rolekeeper.gateway.rules import Lookups, Rules
from rolekeeper.gateway.services.tables import NEW, Table, values
from rolekeeper.policy.context import KeyValue


def _imported(asked: Asked) -> list[str]:
    return list(values(asked.members, "CertificateArn")) or [NEW]


TABLE = Table(
    prefix="acm",
    places={"certificate": ("CertificateArn",)},
    own={"ImportCertificate": {"certificate": (_imported,)}},
    names={"certificate": "[A-Za-z0-9-]+"},
    tagging="AddTagsToCertificate",
    tagged={"ImportCertificate": ("certificate",), "RequestCertificate": ("certificate",)},
)

_PLAIN: Mapping[str, str] = {
    "certificateauthority": "CertificateAuthorityArn",
    "certificatetransparencylogging": "Options.CertificateTransparencyLoggingPreference",
    "export": "Options.Export",
    "keyalgorithm": "KeyAlgorithm",
    "validationmethod": "ValidationMethod",
}


def keys(asked: Asked) -> Mapping[str, KeyValue]:
    """What a request says of a certificate: its names and how they are validated."""
    found: dict[str, KeyValue] = {}
    for key, path in _PLAIN.items():
        given = next(values(asked.members, path), None)
        if given is not None:
            found[f"acm:{key}"] = given
    names = [*values(asked.members, "DomainName"), *values(asked.members, "SubjectAlternativeNames")]
    if names:
        found["acm:domainnames"] = tuple(dict.fromkeys(name.lower() for name in names))
    public = asked.operation.name == "RequestCertificate" and "acm:certificateauthority" not in found
    if public and "acm:validationmethod" not in found:
        found["acm:validationmethod"] = "EMAIL"
    return found


async def tags_of(lookups: Lookups, asked: Asked, arn: str) -> Mapping[str, str]:
    """The tags of a certificate; none of one that is not made yet."""
    if NEW in arn:
        return {}
    answer = await lookups.ask(asked, "acm", "ListTagsForCertificate", CertificateArn=arn)
    return {tag["Key"]: tag.get("Value") or "" for tag in (answer or {}).get("Tags") or ()}


RULES = Rules(prefix="acm", special=TABLE.special("acm"), keys=keys, tags={"certificate": tags_of})
