"""Parameters under keys: what is asked of what stands behind, and what is not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from rolekeeper.gateway.asked import Wanted
from rolekeeper.gateway.rules import Besides
from rolekeeper.gateway.services.ssm import RULES
from rolekeeper.service.call import Resource
from tests.gateway.asking import ACCOUNT, REGION, Behind, answer, asked

PLAIN = {"Name": "/a", "Type": "String", "Value": "x", "Version": 1}
SEALED = {"Name": "/a", "Type": "SecureString", "Value": "x", "Version": 1}


def reading(behind: Behind, told: Any, operation: str = "GetParameter", **members: Any) -> list[Wanted]:
    """What an answer asks for before it is given."""
    request = asked("ssm", operation, **{"Name": "/a", "WithDecryption": True, **members})
    body = json.dumps({"Parameters" if isinstance(told, list) else "Parameter": told}).encode()
    find = RULES.answered[operation]
    return list(asyncio.run(find(behind, request, request, answer(body))))  # type: ignore[arg-type]


def putting(behind: Behind, **members: Any) -> Besides:
    request = asked("ssm", "PutParameter", Name="/a", Value="x", **members)
    on = [Resource(arn=f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/a", account=ACCOUNT)]
    return asyncio.run(RULES.besides["PutParameter"](behind, request, on))  # type: ignore[arg-type]


def test_nothing_is_asked_for_what_is_not_encrypted_or_not_decrypted() -> None:
    behind = Behind({})
    assert reading(behind, PLAIN) == []
    assert reading(behind, [PLAIN], "GetParametersByPath") == []
    assert reading(behind, SEALED, WithDecryption=False) == []
    assert behind.calls == []


def test_the_keys_of_a_page_are_asked_for_at_once() -> None:
    def told(members: Mapping[str, Any]) -> Mapping[str, Any]:
        names = members["ParameterFilters"][0]["Values"]
        return {"Parameters": [{**SEALED, "Name": name, "KeyId": "1234"} for name in names]}

    behind = Behind({"DescribeParameters": told})
    page = [{**SEALED, "Name": f"/{number}"} for number in range(10)]
    found = reading(behind, [*page, PLAIN], "GetParametersByPath")
    assert [each.action for each in found] == ["kms:Decrypt"] * 10
    assert {each.resource for each in found} == {f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234"}
    operations = [call[1] for call in behind.calls]
    assert operations.count("DescribeParameters") == 1


def test_the_key_of_an_older_version_is_looked_for_page_by_page() -> None:
    def history(members: Mapping[str, Any]) -> Mapping[str, Any]:
        if "NextToken" not in members:
            return {"Parameters": [{**SEALED, "Version": 1, "KeyId": "1"}], "NextToken": "next"}
        return {"Parameters": [{**SEALED, "Version": 2, "KeyId": "2"}]}

    latest = {"Parameters": [{**SEALED, "Version": 3, "KeyId": "3"}]}
    behind = Behind({"DescribeParameters": latest, "GetParameterHistory": history})
    for version in (1, 2, 3):
        (found,) = reading(behind, {**SEALED, "Version": version})
        assert found.resource.endswith(f"key/{version}")
    assert reading(behind, {**SEALED, "Version": 4}) == []


def test_a_new_value_is_under_the_key_that_is_said_or_under_that_of_aws() -> None:
    sealed = Behind({"DescribeParameters": {"Parameters": [{**SEALED, "KeyId": "1234"}]}})
    assert putting(sealed, Overwrite=True, Type="SecureString").members == {"KeyId": "alias/aws/ssm"}
    assert putting(sealed, Overwrite=True).members == {"KeyId": "alias/aws/ssm"}
    assert putting(sealed, Overwrite=True, KeyId="1234").members == {}
    assert putting(Behind({"DescribeParameters": {"Parameters": [PLAIN]}}), Overwrite=True).members == {}
    behind = Behind({})
    assert putting(behind, Type="SecureString") == putting(behind, Overwrite=True, Type="String") == Besides()
    assert behind.calls == []
