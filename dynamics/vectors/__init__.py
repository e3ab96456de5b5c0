"""Numbers side by side: vectors, lanes, blocks, and the random numbers made of them."""
