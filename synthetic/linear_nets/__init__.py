"""The two-layer linear net, over samples and reduced."""
