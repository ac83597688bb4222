"""The API for other systems: incidents, units, positions in; orders, picture and events out."""
