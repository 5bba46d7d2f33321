"""Faults on real processes: a cluster on loopback, and what breaks and judges it."""
