"""One loop that trains anything: terms say what to minimise, a schedule how long and how fast.

Reading order: batches, mixing, views/, terms/; schedule, rates, relative_gradients, unfreezing; update, precision,
memory, chance; validation, averaging, aside, best, trend, keeping, checkpoint, divergence; loop; freezing, norms,
stochastic_norm, moving, trainable, lora; interpolation, soup, rate_finder, recomputing; processes.
"""
