"""Each formula once: spectrum, intervals, metrics, calibration."""
