"""Commands that have modules of their own, and the options that several of them have."""
