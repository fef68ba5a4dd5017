"""The frontier: many profiles, each with its recall and with what the attacks name."""
