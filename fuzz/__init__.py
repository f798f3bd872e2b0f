"""Bad input by the million: every reader of bytes that others wrote, under mutation guided by coverage.

A target is a module of ``fuzz/targets``: ``SEEDS``, inputs that are taken, and ``one(data)``, which reads an input and
asserts what must hold whatever it was. It is found by being there.

    python -m fuzz --seconds 60 --seed 7            all targets, the time shared between them
    python -m fuzz --seconds 60 sip_agent           one target
    python -m fuzz --replay crash-1f3a sip_agent    one input
"""
