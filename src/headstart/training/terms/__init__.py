"""Summands of a training objective: `CrossEntropy(smoothing=0.1) + 0.5 * Another()`."""
