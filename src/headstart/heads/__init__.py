"""Heads: scikit-learn estimators on features."""
