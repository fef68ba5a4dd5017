"""How fast bodies encode and a registry receives, compares and links, beside others in the same run."""
