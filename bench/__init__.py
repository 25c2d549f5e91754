"""What Sanad costs beside its peers on the same work: `make bench`, or ``python -m bench NAME``.

Each bench writes ``bench/results/NAME.json``; ``python -m bench report`` makes docs/performance.md of what is there.
"""
