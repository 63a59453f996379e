"""What agents may touch: the cluster, kubectl, logs, recorded incidents, redaction. All read-only."""
