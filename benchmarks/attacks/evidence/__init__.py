"""What an attacker makes of a view: signals between records, their likelihoods, and who may stand where."""
