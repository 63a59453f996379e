"""The words given to models: one file a role and model family, and their loader."""
