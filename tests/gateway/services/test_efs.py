"""Tags of EFS are asked on the file system or the access point that an ID or an ARN calls."""

from __future__ import annotations

from tests.gateway.asking import ACCOUNT, REGION
from tests.gateway.services.classified import asks

HERE = f"arn:aws:elasticfilesystem:{REGION}:{ACCOUNT}"


def test_what_is_tagged_is_told_by_its_id() -> None:
    for operation in ("ListTagsForResource", "TagResource", "UntagResource"):
        for kind, name in (("file-system", "fs-01"), ("access-point", "fsap-01")):
            for given in (name, f"{HERE}:{kind}/{name}"):
                found = asks("efs", operation, ResourceId=given)
                assert found == [f"elasticfilesystem:{operation} {kind}/{name}"]
