"""Networks and other fixed maps, each with its own preprocessing and named layers."""
