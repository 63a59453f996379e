"""The nodes of the graphs, one verb each."""
