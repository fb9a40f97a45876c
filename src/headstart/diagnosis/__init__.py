"""When: which of the four conditions differ between two problems, by how much, and at what cost."""
