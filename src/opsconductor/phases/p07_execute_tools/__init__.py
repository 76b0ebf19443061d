"""P7 execute_tools: A classify → B select → C plan → gate → E execute."""
