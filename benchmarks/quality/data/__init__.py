"""Data sets with known truth, one's own records as one, and registries that have received them."""
