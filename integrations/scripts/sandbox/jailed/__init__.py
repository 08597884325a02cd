"""What runs inside the jail: a program of its own, which the parent starts with an empty environment.

It imports the standard library, itself and the core's filter of system calls only, never the rest of the project: the
parent puts this folder's parent and the project last on its path and imports it as `jailed`. It does not trust the
script, and the parent does not trust it.
"""
