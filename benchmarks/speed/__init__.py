"""The speed of encoding at reporters and of receiving, comparing and linking at a registry, beside other packages."""
