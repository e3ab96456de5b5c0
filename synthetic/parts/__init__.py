"""What several families of problems are made of."""
