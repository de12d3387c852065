"""A day of several hosts on one storage in a simulated time, the same again for the same seed."""
