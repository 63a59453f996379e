"""Chat models as reasoners: what they cost, which one is asked, and what of their answer is believed."""
