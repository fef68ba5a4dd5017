"""Attacks on registries of real submissions, by units, reporters and thieves; each has a command of its own."""
