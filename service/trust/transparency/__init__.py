"""The transparency log: a tree of hashes over the log that others countersign and anyone can check.

Every event is a leaf, its stored bytes, at index = position - 1. The formats are those of C2SP
(c2sp.org): tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-witness, tlog-proof.
"""
