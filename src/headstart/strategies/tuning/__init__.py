"""Fine-tuning any network: which weights move, from what they start, on what they train, and when they stop.

Reading order: recipe, start, inputs, run, rounds, tuner, trial, entry.
"""
