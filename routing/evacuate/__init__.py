"""Getting people off an island by craft: plain matrices, a plan with its bound, and a check without a solver."""
