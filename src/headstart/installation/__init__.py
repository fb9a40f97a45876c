"""What is installed, what of it works, and how to mend the rest."""
