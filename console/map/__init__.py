"""The map: one layer a file, drawn over the coast in EPSG:3857."""
