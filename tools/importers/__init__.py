"""Other people's recordings -> incidents: support bundles, must-gathers, transcripts of kubectl."""
