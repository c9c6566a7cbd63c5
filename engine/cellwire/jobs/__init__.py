"""Jobs: who runs when, on which device, with which model in memory, and how it is stopped."""
