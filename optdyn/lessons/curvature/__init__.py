"""Lesson 2: asking curvature for a step."""
