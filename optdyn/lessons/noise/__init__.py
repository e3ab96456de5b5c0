"""Lesson 4: noise irons the landscape."""
