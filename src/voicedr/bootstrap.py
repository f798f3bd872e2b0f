"""The one place that chooses adapters: real sockets, the real clock, the journal's file."""
