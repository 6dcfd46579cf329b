"""Chaos: many orders at once on the deployed shop, while its processes are killed and its calls to AWS go wrong. Each order
that a client was promised must end right all the same."""
