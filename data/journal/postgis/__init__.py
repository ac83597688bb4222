"""The journal in a PostGIS database that several consoles share."""
