"""One run: set-up, the driver, its chunks and records, the trajectory and its file."""
