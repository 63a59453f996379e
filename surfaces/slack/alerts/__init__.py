"""Alerts: read wherever they come from, folded where they are the same, investigated in their threads."""
