"""The one loop, its schedule, checkpoints and freezing."""
