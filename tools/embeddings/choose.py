"""The embedder that the settings name."""

from domain.settings import EmbeddingSettings
from tools.embeddings.embedder import Embedder


def open_embedder(settings: EmbeddingSettings) -> Embedder | None:
    """The model of the settings; None where lines are found by words alone."""
    if settings.use == "none":
        return None
    from tools.embeddings.titan import TitanEmbedder  # AWS's SDK only where it is used

    return TitanEmbedder(settings.dimensions, settings.region, settings.endpoint_url, settings.call_seconds)
