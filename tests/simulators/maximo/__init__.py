"""A Maximo installation, as far as its public documentation says how it behaves."""
