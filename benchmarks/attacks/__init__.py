"""Attacks of a curious registry on a profile, with positive controls and gates.

`python -m benchmarks.attacks --help` shows how to run them; `gates` lists the bounds in one table.
"""
