"""Attacks on the codes of one encoding: each module is one attack, and a trial of the suite."""
