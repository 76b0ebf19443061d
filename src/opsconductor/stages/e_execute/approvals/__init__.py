"""What an approval binds, who may give it, and what becomes of it."""
