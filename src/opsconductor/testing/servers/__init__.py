"""Real servers for tests: started when one wants them, shared by a run, and gone when their owners are."""
