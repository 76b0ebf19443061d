"""What every engine of the storage port promises, by subject; each module's PROMISES take a `Opened` store."""
