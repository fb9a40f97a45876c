"""Label shift: P(y) moves, P(x given y) stays. A step after any classifier: nothing is retrained."""
