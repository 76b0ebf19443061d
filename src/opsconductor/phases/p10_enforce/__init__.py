"""P10 enforce: nothing leaves that the stored results do not show."""
