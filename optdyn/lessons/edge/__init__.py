"""Lesson 6: the edge of stability."""
