"""Where questions and threads are kept: SQLite files, or PostgreSQL for several replicas."""
