"""What runs inside the jail: a program of its own, which the parent starts with an empty environment.

It imports the standard library and itself only, never the rest of the project: the parent puts this folder's parent
last on its path and imports it as `jailed`. It does not trust the script, and the parent does not trust it.
"""
