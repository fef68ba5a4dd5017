"""Engines: the one seam for scale.

An engine knows where the codes lie and how to join them; everything that knows what a code means stands in
`linkage.linking` as functions over batches. The embedded engine is DuckDB on one machine. A distributed engine has to
give the same answers, which `tests/unit/engines/test_engine_contract.py` checks for every engine alike.
"""
