"""Lesson 5: the shape of trust."""
