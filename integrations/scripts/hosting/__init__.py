"""What a script can ask of the house: each call of `ctx` that leaves the sandbox ends here."""
