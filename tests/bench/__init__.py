"""`make bench`: how fast Fieldport is on this machine, as ratios to a plain build of the same thing in the same run."""
