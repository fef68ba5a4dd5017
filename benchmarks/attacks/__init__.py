"""Attacks of a curious registry on a profile, with positive controls and gates.

`python -m benchmarks.attacks --help` shows how to run them; `gates` lists the bounds in one table. `world` is what is
attacked, `evidence` what an attacker makes of it, `on_codes` has the attacks on an encoding, which `trials` and `suite`
run, and `on_registries` those on whole registries.
"""
