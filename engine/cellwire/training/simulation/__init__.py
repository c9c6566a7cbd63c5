"""Pictures of cells made by chance, with their labels, to train on."""
