"""What all tests share."""

from hypothesis import settings

# A slow machine is no fault of an example: no example has a deadline. Where CI is set, examples do not vary by chance.
settings.register_profile("patient", settings.default, deadline=None)
settings.load_profile("patient")
