"""The HTTP port beside a surface: health, metrics, and what else a surface adds to it."""
