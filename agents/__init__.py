"""The agents: understanding, log retrieval, survey, kubectl planning, model selection, diagnosis."""
