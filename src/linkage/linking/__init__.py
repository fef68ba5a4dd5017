"""Linking: from codes to groups of records of one person.

Stages are functions over arrays and Arrow batches: `candidates` finds pairs of records that share a match key,
`compare` turns each pair into one level a field, `score` weighs the levels [Fellegi1969], `compete` weighs the
candidates of a record against each other, `clusters` groups the records. No stage imports another; what they hand on is
described in `patterns` and `model`, and compiled loops stand in `kernels`, `tiles`, `messages` and
`merging`.
"""
