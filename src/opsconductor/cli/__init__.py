"""The command line: one command a module, each speaking to a `Client` without knowing where the engine runs."""
