"""Where a plain process gets its records: files and pipes, Fluent Bit's forward and http outputs."""
