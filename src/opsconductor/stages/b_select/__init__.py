"""Stage B: which tools serve the request, with what inputs and on what, as a SelectionV1."""
