"""Other methods that link the same records: Splink, recordlinkage, and clkhash with anonlink.

Each runs in its own environment, on the fields that this library compares, without the truth.
`benchmarks/quality/peers/README.md` describes their settings and how they reproduce their own documentation.
"""

from __future__ import annotations

from benchmarks.quality.peers.outside import KEPT, PeerMissing
from benchmarks.quality.peers.run import OUTSIDE, PEERS, peers_of, run_peer

__all__ = ["KEPT", "OUTSIDE", "PEERS", "PeerMissing", "peers_of", "run_peer"]
