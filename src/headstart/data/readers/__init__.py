"""One reader per kind of input; each gives a Dataset."""
