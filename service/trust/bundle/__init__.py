"""考察材料的整包: one file that leaves the service, and what verifies it offline (R30).

`verifier.py` joins the modules that check a bundle into ``verify.py``, which goes out with it:
`archive`, `reading`, `checking`, `reporting`, and what they use of `verification.py` and of the
transparency log. These therefore need Python 3.11 and `cryptography` only, and no two of them use
one name at their top for two things.
"""
