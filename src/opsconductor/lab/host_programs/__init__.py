"""The programs of a lab host, copied into its `libexec/`: standard library only, quick to start, no floats."""
