"""What may leave the registry. Nothing yet: every figure that a person could be read from needs disclosure control.

`tests/boundary` keeps this package apart from the stages that hold records: it is handed tables of counts, and nothing
else of `linkage`.
"""
