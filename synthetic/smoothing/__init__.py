"""Smoothing by a ball or a Gaussian, and problems together with their smoothed versions."""
