"""Images: axes, calibration, reading and checking."""
