LAYER = "second"
