"""Settings. Only this package reads the environment; `base` has everything, the others override."""
