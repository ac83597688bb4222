"""What is possible and what is best: networks, limits, solvers and the solver-free check."""
