"""Classifiers on handwritten digits."""
