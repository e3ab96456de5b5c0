"""Many runs at once: settings, seeds, cores and lanes."""
