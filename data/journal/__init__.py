"""The append-only journal: events, one small interface, its back ends, and the picture folded from it."""
