"""The linkage unit: codes under handles, and the persons that they are.

It knows no id of a record or a case, no role, no date, no period and no payload. What it must know of cases, which
records are different persons, comes in the notice of the statistics unit; what it finds out goes back in the hand-over.
"""
