"""A healthy account in one process, faults that are seeded in it, and whether readiness finds each of them."""
