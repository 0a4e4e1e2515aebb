"""What became of the requests to delete service-linked roles.

Source: "GetServiceLinkedRoleDeletionStatus" and "DeletionTaskFailureReasonType" in the IAM API Reference.
"""

from __future__ import annotations

from rolekeeper.iam.entities import Entity


class DeletionTask(Entity, frozen=True, kw_only=True, omit_defaults=True):
    """One request, done: the role is gone, or `used_by` says what kept it."""

    kind = "deletion-task"
    noun = "deletion task"
    folds = False
    missing = "The deletion task with id {name} cannot be found."

    id: str
    used_by: tuple[str, ...] = ()
    """The ARNs of the resources that used the role."""

    @property
    def key(self) -> str:
        return self.id
