"""The evidence ledger: a Merkle tree of commitments, its tiles, signed checkpoints, witnesses and proofs.

It knows nothing of ceasefires and imports nothing of this program: bytes go in, proofs come out. Formats: RFC 6962;
C2SP tlog-tiles v0.1.0, tlog-checkpoint v1.0.0, signed-note v1.0.0, tlog-cosignature v1.0.1 (Ed25519), tlog-witness
v1.0.0 and tlog-proof. Each module can be read and used by itself.
"""
