"""What is claimed of modern methods, and checks that anyone can run again."""
