"""One-minute and three-minute circles: who is near each point of an island, the gaps, and what posting closes them."""
