"""What requests to Certificate Manager ask for."""

from __future__ import annotations

import pytest

from tests.gateway.asking import ACCOUNT, OTHER, REGION, tags
from tests.gateway.services.classified import accesses, asks, inexact, on, refused

ARN = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/1a-2b"
TAGS = [{"Key": "Team", "Value": "a"}]


@pytest.mark.parametrize(
    "arn", ["", "a/b", "*", f"{ARN}/x", ARN.replace("acm:", "iam:"), ARN.replace(REGION, "us-east-1")]
)
def test_what_is_no_certificate_is_refused(arn: str) -> None:
    refused("acm", "DeleteCertificate", CertificateArn=arn)


def test_an_operation_is_asked_on_its_certificate() -> None:
    assert on("acm", "DeleteCertificate", CertificateArn=ARN) == ["certificate/1a-2b"]
    theirs = ARN.replace(ACCOUNT, OTHER)
    assert on("acm", "ExportCertificate", CertificateArn=theirs) == [theirs]
    assert on("acm", "ImportCertificate", CertificateArn=ARN) == ["certificate/1a-2b"]
    assert on("acm", "ImportCertificate") == ["certificate/*"]
    assert on("acm", "RequestCertificate", DomainName="example.com") == ["*"]


def test_tags_of_a_new_certificate_are_asked_as_tagging() -> None:
    assert asks("acm", "RequestCertificate", DomainName="example.com", Tags=TAGS) == [
        "acm:RequestCertificate *",
        "acm:AddTagsToCertificate certificate/*",
    ]
    tagged = accesses("acm", "ImportCertificate", Tags=TAGS)[1]
    assert tagged.action == "acm:AddTagsToCertificate"
    assert tagged.keys["aws:requesttag/team"] == "a"


def test_a_request_says_names_and_validation() -> None:
    names = {"DomainName": "Example.com", "SubjectAlternativeNames": ["www.example.com"]}
    (found,) = accesses("acm", "RequestCertificate", **names, Options={"Export": "ENABLED"})
    assert found.keys["acm:domainnames"] == ("example.com", "www.example.com")
    assert found.keys["acm:export"] == "ENABLED"
    assert found.keys["acm:validationmethod"] == "EMAIL"


def test_tags_are_read_from_what_stands_behind() -> None:
    answers = {"ListTagsForCertificate": {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "c"}]}}
    assert tags("acm", "certificate", ARN, answers) == {"a": "b", "c": ""}
    assert tags("acm", "certificate", ARN.replace("1a-2b", "*"), answers) == {}


def test_every_operation_that_the_embedded_backend_has_is_exact_or_on_nothing_in_particular() -> None:
    assert inexact("acm") == dict.fromkeys(
        ("GetAccountConfiguration", "ListCertificates", "PutAccountConfiguration", "RequestCertificate"), "*"
    )
