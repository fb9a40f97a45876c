"""What may be done with a source and a target: frozen features, fine-tuning, from scratch,
source networks, null baselines."""
