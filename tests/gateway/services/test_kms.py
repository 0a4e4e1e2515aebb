from __future__ import annotations

from typing import Any

import pytest

from rolekeeper import errors
from rolekeeper.gateway.asked import Unclassified
from tests.gateway.asking import ACCOUNT, OTHER, completed, found, keys, pairs, policy, tags, wanted

ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
ID_2 = "9999abcd-12ab-34cd-56ef-1234567890ab"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{ID}"
ALIAS = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/app"
BEHIND = {"DescribeKey": {"KeyMetadata": {"Arn": KEY, "KeySpec": "RSA_2048", "MultiRegion": False}}}


@pytest.mark.parametrize("operation", ["Encrypt", "DescribeKey", "CreateGrant", "TagResource", "Sign"])
def test_a_key_is_called_by_its_id_or_arn(operation: str) -> None:
    for name in (ID, KEY):
        assert pairs("kms", operation, KeyId=name) == [(f"kms:{operation}", f"key/{ID}")]
    assert pairs("kms", operation, KeyId=ID_2) == [(f"kms:{operation}", f"key/{ID_2}")]


def test_a_key_of_another_account_is_that_accounts() -> None:
    theirs = KEY.replace(ACCOUNT, OTHER)
    assert pairs("kms", "Encrypt", KeyId=theirs) == [("kms:Encrypt", theirs)]


@pytest.mark.parametrize(
    "name",
    [
        "",
        f"key/{ID}",
        KEY.replace("eu-west-1", "us-east-1"),
        KEY + "/x",
        KEY + f":key/{ID_2}",
        "alias/",
        "alias/a:b",
        ALIAS + "*",
        ALIAS.replace("eu-west-1", "us-east-1"),
        "Alias/app",
        "arn:aws:iam::111111111111:key/x",
    ],
)
def test_what_names_no_key_of_the_region_is_refused(name: str) -> None:
    with pytest.raises(errors.ValidationError):
        pairs("kms", "Encrypt", KeyId=name)


@pytest.mark.parametrize("name", ["alias/app", ALIAS])
def test_an_alias_is_the_key_that_the_backend_says(name: str) -> None:
    assert completed("kms", BEHIND, "Encrypt", KeyId=name) == [KEY]
    assert keys("kms", "Encrypt", KeyId=name)["kms:requestalias"] == "alias/app"
    assert completed("kms", {}, "Encrypt", KeyId=name) == [None]
    assert "kms:requestalias" not in keys("kms", "Encrypt", KeyId=KEY)


def test_a_ciphertext_says_its_key() -> None:
    blob = ID.encode() + b"\0" * 40
    assert pairs("kms", "Decrypt", CiphertextBlob=blob) == [("kms:Decrypt", f"key/{ID}")]


def test_the_ciphertexts_key_is_asked_whatever_the_request_says() -> None:
    blob = ID.encode() + b"\0" * 40
    assert pairs("kms", "Decrypt", CiphertextBlob=blob, KeyId=ID_2) == [
        ("kms:Decrypt", f"key/{ID_2}"),
        ("kms:Decrypt", f"key/{ID}"),
    ]
    theirs = KEY.replace(ACCOUNT, OTHER)
    assert set(pairs("kms", "Decrypt", CiphertextBlob=blob, KeyId=theirs)) == {("kms:Decrypt", theirs)}


def test_a_ciphertext_that_does_not_say_its_key_needs_a_key() -> None:
    assert pairs("kms", "Decrypt", CiphertextBlob=b"\1\2", KeyId=ID) == [("kms:Decrypt", f"key/{ID}")]
    with pytest.raises(Unclassified):
        pairs("kms", "Decrypt", CiphertextBlob=b"\1\2")


def test_to_encrypt_anew_is_asked_on_both_keys() -> None:
    members: dict[str, Any] = {"CiphertextBlob": ID.encode() + b"\0", "DestinationKeyId": ID_2}
    members |= {"SourceEncryptionContext": {"App": "a"}, "DestinationEncryptionContext": {"App": "b"}}
    source, target = wanted("kms", "ReEncrypt", **members)
    assert (source.action, source.resource) == ("kms:ReEncryptFrom", KEY)
    assert (target.action, target.resource) == ("kms:ReEncryptTo", KEY.replace(ID, ID_2))
    assert [one.keys["kms:encryptioncontext:app"] for one in (source, target)] == ["a", "b"]
    assert [one.keys["kms:reencryptonsamekey"] for one in (source, target)] == ["false", "false"]


def test_aliases_are_asked_on_the_alias_and_on_its_keys() -> None:
    assert pairs("kms", "CreateAlias", AliasName="alias/app", TargetKeyId=ID) == [
        ("kms:CreateAlias", "alias/app"),
        ("kms:CreateAlias", f"key/{ID}"),
    ]
    assert completed("kms", BEHIND, "UpdateAlias", AliasName="alias/app", TargetKeyId=ID_2) == [
        ALIAS,
        KEY.replace(ID, ID_2),
        KEY,
    ]
    assert completed("kms", BEHIND, "DeleteAlias", AliasName="alias/app") == [ALIAS, KEY]
    with pytest.raises(errors.ValidationError):
        pairs("kms", "CreateAlias", AliasName="app", TargetKeyId=ID)


def test_a_key_that_is_made_with_tags_needs_what_tagging_needs() -> None:
    assert pairs("kms", "CreateKey") == [("kms:CreateKey", "*")]
    assert pairs("kms", "CreateKey", Tags=[{"TagKey": "a", "TagValue": "b"}]) == [
        ("kms:CreateKey", "*"),
        ("kms:TagResource", "key/*"),
    ]


def test_a_grant_is_retired_on_its_key_or_on_any() -> None:
    assert pairs("kms", "RetireGrant", KeyId=KEY, GrantId="g") == [("kms:RetireGrant", f"key/{ID}")]
    assert pairs("kms", "RetireGrant", GrantToken="t") == [("kms:RetireGrant", "key/*")]
    assert ("kms:RetireGrant", "key/*") in pairs("kms", "RetireGrant", KeyId=KEY, GrantToken="t")


def test_the_encryption_context_is_told_key_by_key() -> None:
    told = keys("kms", "Encrypt", KeyId=ID, EncryptionContext={"App": "a", "Stage": "test"})
    assert told["kms:encryptioncontext:app"] == "a"
    assert told["kms:encryptioncontext:stage"] == "test"
    assert told["kms:encryptioncontextkeys"] == ("App", "Stage")
    with pytest.raises(errors.ValidationError):
        keys("kms", "Encrypt", KeyId=ID, EncryptionContext={"App": "a", "app": "b"})


@pytest.mark.parametrize(
    ("operation", "members", "key", "value"),
    [
        ("Encrypt", {}, "kms:encryptionalgorithm", "SYMMETRIC_DEFAULT"),
        ("Encrypt", {}, "kms:calleraccount", ACCOUNT),
        ("Sign", {"SigningAlgorithm": "RSASSA_PSS_SHA_256"}, "kms:signingalgorithm", "RSASSA_PSS_SHA_256"),
        ("Sign", {}, "kms:messagetype", "RAW"),
        ("ScheduleKeyDeletion", {}, "kms:schedulekeydeletionpendingwindowindays", "30"),
        (
            "PutKeyPolicy",
            {"BypassPolicyLockoutSafetyCheck": True},
            "kms:bypasspolicylockoutsafetycheck",
            "true",
        ),
        ("CreateGrant", {"Operations": ["Decrypt"]}, "kms:grantoperations", ("Decrypt",)),
        ("CreateGrant", {"GranteePrincipal": "arn:x"}, "kms:granteeprincipal", "arn:x"),
        ("CreateGrant", {}, "kms:grantisforawsresource", "false"),
        (
            "CreateGrant",
            {"Constraints": {"EncryptionContextSubset": {"a": "b"}}},
            "kms:grantconstrainttype",
            "EncryptionContextSubset",
        ),
        ("CreateKey", {}, "kms:keyspec", "SYMMETRIC_DEFAULT"),
        ("CreateKey", {"KeySpec": "RSA_2048"}, "kms:keyspec", "RSA_2048"),
        ("CreateKey", {"MultiRegion": True}, "kms:multiregion", "true"),
        ("CreateKey", {"MultiRegion": True}, "kms:multiregionkeytype", "PRIMARY"),
        ("CreateKey", {"Origin": "EXTERNAL"}, "kms:keyorigin", "EXTERNAL"),
    ],
)
def test_condition_keys_are_what_the_request_says_or_what_counts_as_said(
    operation: str, members: Any, key: str, value: Any
) -> None:
    assert keys("kms", operation, KeyId=ID, **members)[key] == value


def test_what_a_key_is_the_backend_says() -> None:
    assert found("kms", "kms:keyspec", BEHIND, "Encrypt", KeyId="alias/app") == ["RSA_2048"]
    assert found("kms", "kms:multiregion", BEHIND, "Encrypt", KeyId=ID) == ["false"]
    assert found("kms", "kms:multiregionkeytype", BEHIND, "Encrypt", KeyId=ID) == [None]
    assert found("kms", "kms:keyspec", BEHIND, "CreateKey") == [None]
    aliases = BEHIND | {
        "ListAliases": lambda members: {"Aliases": [{"AliasName": f"alias/{members['KeyId']}"}]}
    }
    assert found("kms", "kms:resourcealiases", aliases, "Encrypt", KeyId="alias/app") == [(f"alias/{KEY}",)]
    assert found("kms", "kms:resourcealiases", {}, "Encrypt", KeyId="alias/app") == [None]


def test_tags_and_policy_are_read_and_an_alias_has_no_policy() -> None:
    answers = {
        "ListResourceTags": {"Tags": [{"TagKey": "team", "TagValue": "red"}]},
        "GetKeyPolicy": {"Policy": "{}"},
    }
    assert tags("kms", "key", KEY, answers) == {"team": "red"}
    assert policy("kms", "key", KEY, answers) == "{}"
    assert policy("kms", "key", ALIAS, answers) is None
