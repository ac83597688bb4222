"""Which units go to which incidents: the nearest suitable ones of one, or the best sharing out among many."""
