"""Our speed, size and price beside those of the thing to beat, measured in one run."""
