"""`rolekeeper break-glass`: what a role is and becomes, who is in it, and who is told."""
