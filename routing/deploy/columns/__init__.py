"""A lower bound of deployments by column generation over the trips of each craft."""
