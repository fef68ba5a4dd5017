"""Plaintext side: read case files, numbers, names and dates, and build identities from them."""
