"""Trust regions: norms, subproblems, and the methods of first and second order."""
