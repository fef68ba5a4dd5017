"""How fast a body encodes, beside clkhash on the same records in the same run."""
