"""Other ways to link the same records, side by side with this library: Splink, recordlinkage, clkhash with anonlink.

Each runs in an environment that is made for it, on the fields that this library compares, and sees no truth. How each
is set up, and that it does here what its own documents say it does, is told in `benchmarks/quality/peers/README.md`.
"""

from __future__ import annotations

from benchmarks.quality.peers.outside import KEPT, PeerMissing
from benchmarks.quality.peers.run import OUTSIDE, PEERS, peers_of, run_peer

__all__ = ["KEPT", "OUTSIDE", "PEERS", "PeerMissing", "peers_of", "run_peer"]
