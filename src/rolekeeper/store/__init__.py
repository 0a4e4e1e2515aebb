"""Where things are kept: entities, links, secrets and the audit trail."""

from rolekeeper.store.opening import memory_store, open_reader, open_store

__all__ = ["memory_store", "open_reader", "open_store"]
