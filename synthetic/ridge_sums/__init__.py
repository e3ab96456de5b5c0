"""Sums of functions of a scalar product each, and the regression that is one."""
