"""How well the library links: data sets with known truth, through the commands that reporters and the registry run."""
