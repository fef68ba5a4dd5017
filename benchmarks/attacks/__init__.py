"""What a curious registry could find out: attacks on a profile, positive controls, and gates.

`python -m benchmarks.attacks --help` says how to run them; `gates` holds the bounds in one table.
"""
