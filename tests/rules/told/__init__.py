"""The stories behind the reference vectors, a module for each rule and version, each with its ``STORIES``."""
