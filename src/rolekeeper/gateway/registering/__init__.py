"""What was started behind the gateway, registered as workloads: one module a kind.

Each has `after(registry, asked, answer)`: it brings the store to what the answer says, and doing it again
changes nothing. What is registered has no secret yet; who may hand the role over makes one
(CreateWorkloadSecret), which is what `rolekeeper run --instance` and the like do.
"""
