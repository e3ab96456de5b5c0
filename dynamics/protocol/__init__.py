"""What problems and methods say of themselves, and the one form in which kernels see them."""
