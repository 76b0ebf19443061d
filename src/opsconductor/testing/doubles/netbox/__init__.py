"""A double of NetBox: the documented REST API for devices and virtual machines, on a real socket."""
