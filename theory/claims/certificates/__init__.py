"""Certificates of the steps that a machine decided, and the page of standard Python that decides them again."""
