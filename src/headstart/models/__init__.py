"""The result as a folder: save, load, predict."""
