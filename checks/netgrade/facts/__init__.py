"""Facts: pure functions of the rebuilt program, one file a fact. `model` holds the data and needs no torch."""
