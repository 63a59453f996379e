"""What agents may touch, all of it read-only: cluster, kubectl, logs, incidents, importers, redaction."""
