# As fast as the machine; the default
# No modelled times, no sleep, no network restarts.
profile = native
calibrated = yes # there is no number here that could be wrong
