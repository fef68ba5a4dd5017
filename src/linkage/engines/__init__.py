"""Engines hold the codes and join them; another one can be plugged in to scale further.

Everything that interprets codes is in `linkage.linking`, as functions over batches. The built-in engine is DuckDB on
one machine. Any other engine must give the same answers, which `tests/unit/linkage/engines/test_engine_contract.py`
checks for all engines.
"""
