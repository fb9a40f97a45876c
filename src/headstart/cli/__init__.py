"""The command line: doors, not rooms."""
