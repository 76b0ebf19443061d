"""Text to vectors: the one embedding a turn makes, shared by the four lanes and by stage A."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:  # a command that embeds nothing does not pay for numpy
    import numpy as np
    from numpy.typing import NDArray

Vectors: TypeAlias = "NDArray[np.float32]"
"""Shape [texts, dimensions]; each row has length 1, so a dot product of two rows is their cosine."""


class Embedder(Protocol):
    """Turns short texts into vectors that lie close when the texts mean the same.

    Promises, checked by `opsconductor.testing.contracts.embedder`:
    - one row a text, in the order given; no text gives shape [0, dimensions];
    - the same text gives the same row, alone or among others, first or repeated; the caller owns the array;
    - every text is taken: empty, very long (its head counts), any script, control characters; every row is finite;
    - the event loop stays free while many texts are embedded; calls may run at the same time.
    """

    @property
    def dimensions(self) -> int:
        """Length of each vector; above 0 and fixed."""
        ...

    @property
    def digest(self) -> str:
        """Names model, vocabulary and text preparation (`sha256:` + 64 hex); vectors of two digests never mix."""
        ...

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of `texts`, float32 [len(texts), dimensions], L2-normalised.

        Raises Unavailable or InternalFault (`embedder.*`); never returns a stand-in vector.
        """
        ...
