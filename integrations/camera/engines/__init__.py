"""Who decides on a photo: engines of one small interface, found by name."""
