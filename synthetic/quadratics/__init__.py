"""Quadratics of any spectrum, as forms and as least squares."""
