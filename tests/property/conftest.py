"""No limit of time for what properties try: other work on the machine is not an error."""

from hypothesis import HealthCheck, settings

settings.register_profile("relaxed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("relaxed")
