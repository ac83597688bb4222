"""Panels: pure functions from the picture to HTML; no widget, no clock."""
