"""Brings a page of a dump into an account.

One thing is one write, so that it is brought whole or not at all, and a page is one commit. What is in the
dump becomes as the dump says, and what is not in it stays: a second import changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from rolekeeper.arn import Arn
from rolekeeper.errors import AwsError, ConfigurationError
from rolekeeper.iam import aws_policies
from rolekeeper.moving.bearers import bring_group, bring_role, bring_user
from rolekeeper.moving.dump import details, owner
from rolekeeper.moving.form import Page, Role
from rolekeeper.moving.hand import Hand, operator
from rolekeeper.moving.parts import words
from rolekeeper.moving.policies import bring_policy
from rolekeeper.moving.profiles import bring_profile
from rolekeeper.moving.report import Loss, Report, Stranger
from rolekeeper.service.dispatch import Service


def bring(service: Service, account: str, page: Page) -> Report:
    """Bring a page into an account; ConfigurationError where it is not that account's, or there is none."""
    return _Import(service, account, page).run()


class _Import:
    def __init__(self, service: Service, account: str, page: Page) -> None:
        others = {owner(detail) for detail in details(page)} - {account, aws_policies.OWNER}
        if others:
            raise ConfigurationError(f"the page is not of account {account}, but of {', '.join(others)}")
        partition = next((Arn.parse(detail.arn).partition for detail in details(page)), "aws")
        with service.store.read() as tx:
            self._caller = operator(tx, account, partition)
        self._service = service
        self._account = account
        self._page = page
        self._partition = partition
        self._report = Report()

    def run(self) -> Report:
        page, denying = self._page, self._page.denying
        with self._service.store.group():
            for policy in page.policies:
                if owner(policy) == self._account:
                    self._one("policy", policy.policy_name, partial(bring_policy, given=policy))
            for group in page.group_detail_list:
                self._one("group", group.group_name, partial(bring_group, given=group, denying=denying))
            for user in page.user_detail_list:
                self._one("user", user.user_name, partial(bring_user, given=user, denying=denying))
            for role in page.role_detail_list:
                if self._one("role", role.role_name, partial(bring_role, given=role, denying=denying)):
                    self._profiles(role)
        return self._report

    def _profiles(self, role: Role) -> None:
        for profile in role.instance_profile_list:
            name = profile.instance_profile_name
            self._one(
                "instance profile", name, partial(bring_profile, given=profile, role_name=role.role_name)
            )

    def _one(self, kind: str, name: str, work: Callable[[Hand, list[Loss]], bool]) -> bool:
        """One thing in one write; whether it was brought."""
        counts, losses = self._report.counts[kind], list[Loss]()
        try:
            with self._service.store.write() as tx:
                hand = Hand(self._service, tx, self._caller, self._partition)
                new = work(hand, losses)
        except AwsError as error:
            counts.left_out += 1
            self._report.losses.append(Loss(kind=kind, name=name, reason=words(error)))
            return False
        counts.made += new
        counts.changed += not new and hand.events > 0
        counts.unchanged += not new and hand.events == 0
        self._report.losses += losses
        self._report.strangers += [
            Stranger(role=name, principal=principal) for principal in dict.fromkeys(hand.strangers)
        ]
        return True
