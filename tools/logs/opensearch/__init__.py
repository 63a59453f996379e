"""The log store that is OpenSearch: its indices, its documents, its searches."""
