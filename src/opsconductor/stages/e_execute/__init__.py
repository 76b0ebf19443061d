"""Stage E: one way to run a step. Intent is committed before an effect, its result after."""
