"""What may be done with a source and a target: frozen features, from scratch, source networks, null baselines."""
