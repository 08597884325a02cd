"""Programs that the parent starts with an empty environment and stops by itself; they import nothing of the project."""
