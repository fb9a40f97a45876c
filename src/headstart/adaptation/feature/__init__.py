"""Feature-based transfer: move the representation until both domains look alike."""
