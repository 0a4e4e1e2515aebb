"""Where things are kept: entities, links, secrets and the audit trail."""
