"""Asking for reports on last access, and reading them, in a line each."""

from __future__ import annotations

from typing import Any

from tests.client import ACCOUNT, Person


def arn_of(name: str, kind: str = "user", account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:{kind}/{name}"


def generate(person: Person, arn: str, **more: Any) -> str:
    job: str = person.iam.generate_service_last_accessed_details(Arn=arn, **more)["JobId"]
    return job


def details(person: Person, job: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = person.iam.get_service_last_accessed_details(JobId=job, **more)
    return answer


def entities(person: Person, job: str, service: str = "iam", **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = person.iam.get_service_last_accessed_details_with_entities(
        JobId=job, ServiceNamespace=service, **more
    )
    return answer


def services(person: Person, arn: str) -> dict[str, dict[str, Any]]:
    """The services of a new report, by their prefix."""
    found = details(person, generate(person, arn))["ServicesLastAccessed"]
    return {one["ServiceNamespace"]: one for one in found}


def who(answer: dict[str, Any]) -> list[str]:
    return [one["EntityInfo"]["Name"] for one in answer["EntityDetailsList"]]
