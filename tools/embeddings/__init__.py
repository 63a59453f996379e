"""Text -> vectors of its meaning: on Bedrock, or on this machine."""
