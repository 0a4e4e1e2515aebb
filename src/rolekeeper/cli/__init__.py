"""The command line: `rolekeeper`, short `rk`."""
