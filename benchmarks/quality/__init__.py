"""How well the library links: known data sets through the very same commands that a body and a registry run."""
