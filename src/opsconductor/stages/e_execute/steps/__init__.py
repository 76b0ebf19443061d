"""What running one step takes: readiness, journal, call, proof, result, undo."""
