"""Compiled loops over contents: `kernels` compares pair by pair, `tiles` every record with every other."""
