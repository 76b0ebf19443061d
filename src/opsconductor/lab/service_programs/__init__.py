"""The services of the lab, each one file that is copied into a release directory and runs from there by itself."""
