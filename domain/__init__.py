"""The nouns that every room shares, and the settings. Imports nothing of ours."""
