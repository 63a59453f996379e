"""The log instrument: one protocol, documents in Fluent Bit's field names, the embedded store."""
