"""Sea, road and air networks of a region: what is near what, how long it takes, and when it is shut."""
