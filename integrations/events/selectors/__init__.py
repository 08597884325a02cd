"""What is asked of the log, of who is told, and of the directory."""
