"""The commands of `python -m benchmarks.speed`, by where the work that they measure is done."""
