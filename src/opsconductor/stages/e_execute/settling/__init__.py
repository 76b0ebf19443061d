"""Who holds a run, and how what broke off comes to an end: recovery, second looks, a person's word, cancelling."""
