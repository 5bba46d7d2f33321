"""What the end-to-end tests stand on: the real program, a real broker, a client, bounded waits."""
