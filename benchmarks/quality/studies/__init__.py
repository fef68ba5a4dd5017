"""Studies of one question each: ranges, purges, keys, errors, names, numbers, other clusterings and encodings."""
