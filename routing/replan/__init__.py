"""Re-plan a deployment that is under way: what has begun stays, what changes has a price and is listed in words."""
