"""One loop that trains anything: terms say what to minimise, a schedule how long and how fast.

Reading order: batches, augmentation, terms/, schedule, loop, checkpoint, freezing.
"""
