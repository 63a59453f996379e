"""What each verb does: from a checked command to the text that kubectl would print."""
