"""What agents may touch: the cluster, kubectl, logs, recorded incidents, importers, redaction. All read-only."""
