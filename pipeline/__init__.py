"""From Fluent Bit's records to searchable documents, as a Lambda function or a process."""
