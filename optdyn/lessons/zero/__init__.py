"""Lesson 3: how far is zero?"""
