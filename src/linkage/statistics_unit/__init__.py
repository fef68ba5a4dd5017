"""The statistics unit: what reporters say beside their codes, and the person of each record; never a code.

Who a record is comes in the hand-over of the linkage unit, under handles. `linkage.intake` stores what reporters send;
the modules here read it, and write the notice for the linkage unit.
"""
