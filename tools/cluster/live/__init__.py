"""A live cluster, read through the Kubernetes API with GET requests and nothing else."""
