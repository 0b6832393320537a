"""What is printed: official documents on A4, as PDF (R30, R38).

`document.py` is what a document consists of, `layout.typ` how it looks, `press.py` sets the one by
the other. What is said in a document is put together in one module per document.
"""
