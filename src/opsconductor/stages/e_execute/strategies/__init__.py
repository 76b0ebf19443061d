"""In which order the steps of a plan are run. How one step is run is the same in all of them."""
