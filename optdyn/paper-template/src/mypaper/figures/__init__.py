"""Figures, a module each: `rates.py` makes `mypaper.rates`."""
