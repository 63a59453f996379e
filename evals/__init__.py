"""The offline evaluation: a dataset of recorded incidents, a solver that asks, scorers that judge."""
