"""The values, states and errors of OpsConductor; frozen, standard library only."""
