"""The pages of the camera's admin beside its forms and lists."""
