"""Lesson 1: momentum in one 2×2 matrix."""
