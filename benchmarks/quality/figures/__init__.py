"""Figures of linking quality: of pairs, of persons, of whom errors affect, and over seeds."""
