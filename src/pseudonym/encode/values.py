"""The values of a batch's identities as token list numbers: plaintext ends here and arrays begin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pseudonym.identity.dates import Birth
from pseudonym.identity.identities import Identity
from pseudonym.identity.tokens import Source, field_sources, minhash_sources, presence_source
from pseudonym.keyed.bloom import n_blocks
from pseudonym.keyed.keys import Subkeys
from pseudonym.keyed.token_lists import CONTENT, MINHASH, TokenLists
from pseudonym.profile import Encoding, MinHash

__all__ = ["Values"]


class Values:
    """The token lists of all values that a profile uses.

    Attributes:
        lists: The lists. A name has one list, whether it is a given or a family name and wherever its tokens go.
    """

    def __init__(self, encoding: Encoding, subkeys: Subkeys) -> None:
        """Collect the sources that the match keys and segments of a profile need."""
        weighted = [
            one for key in encoding.match_keys if isinstance(key, MinHash) for one in minhash_sources(key.weights)
        ]
        self._segments = [(field_sources(one.field), presence_source(one.field)) for one in encoding.segments]
        sources = [source for of_segment, presence in self._segments for source in (*of_segment, presence)]
        self._sources = list(dict.fromkeys([*sources, *(source for source, _ in weighted)]))
        makers = list(dict.fromkeys(source.tokens for source in self._sources))
        self._kinds = [makers.index(source.tokens) for source in self._sources]
        n_copies = max((weight for _, weight in weighted), default=0)
        n_blocks_ = max(map(n_blocks, encoding.segments))
        domains = {CONTENT: (subkeys.token, n_blocks_), MINHASH: (subkeys.minhash_token, n_copies)}
        self.lists = TokenLists(makers, domains)

    def __call__(self, identities: Sequence[Identity]) -> dict[Source, NDArray[np.int64]]:
        """Return the list ids of identities, `(n,) int64` per source.

        Sees: plaintext and key
        """
        births: dict[Birth, int] = {}
        place = np.array([births.setdefault(identity.birth, len(births)) for identity in identities], np.int64)
        found = {
            source: self.lists.list_ids(kind, list(map(source.value, identities)))
            if source.of_birth is None
            else self.lists.list_ids(kind, list(map(source.of_birth, births)))[place]
            for source, kind in zip(self._sources, self._kinds, strict=True)
        }
        self.lists.commit()
        return found

    def of_segments(self, found: dict[Source, NDArray[np.int64]]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """Return, per segment, the lists of its values, `(n, s) int64`, and that of its presence token, `(n,)`.

        Sees: neither
        """
        return [
            (np.stack([found[source] for source in sources], axis=1), found[presence])
            for sources, presence in self._segments
        ]
