"""Chaos: many orders at once on the deployed shop, while its processes are killed and its calls to AWS fail.
Each order that a client was promised must still end right."""
