"""What is known: geography, forces, incidents, weather, plans, the journal and the shipped datasets."""
