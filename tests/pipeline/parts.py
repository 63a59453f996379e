"""Settings for a pipeline over loopback services."""

from pathlib import Path

from domain.settings import EmbeddingSettings, IngestSettings, OpenSearchSettings, Settings

TEMPLATES = "kubewhy-templates"


def describe(url: str, letters: Path | str, bedrock: str = "", on_lines: bool = True) -> Settings:
    """Write to a loopback OpenSearch; with vectors where a loopback Bedrock is named."""
    return Settings(
        ingest=IngestSettings(dead_letters=str(letters), cluster="main"),
        embeddings=EmbeddingSettings(use="titan" if bedrock else "none", endpoint_url=bedrock or None),
        opensearch=OpenSearchSettings(
            url=url, vectors="line" if on_lines else "template", templates=TEMPLATES
        ),
    )
