"""Stage D: words the answer from stored results alone, after the execution."""
