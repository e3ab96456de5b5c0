"""The figures of the package, a file each."""
