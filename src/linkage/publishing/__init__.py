"""What may leave the registry: nothing yet, because figures that could identify a person need disclosure control.

`tests/boundary` keeps this package apart from the stages that hold records. It will only be given tables of counts.
"""
