"""Figures over everything that is kept. It reads the floors below; nothing calls it but its own pages."""
