"""Until when islands can be left and reached, and whom to move before."""
