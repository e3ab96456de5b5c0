"""Landscapes for teaching, most of them in the plane: Rosenbrock, Himmelblau, Beale, Rastrigin, saddles, waves."""
