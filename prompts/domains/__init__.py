"""Domain packs: what a team's field adds to the prompts; one folder a pack."""
