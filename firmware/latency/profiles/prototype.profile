# The research prototype of a virtual AMT, as published beside AMT 7
# One Get of CIM_SoftwareIdentity 0.06 s, 3 ms of it the client's and the network's (see amt7).
# A bar to compare with, not an aim; the host's state makes no difference to it and it never
# sleeps.
# Spread: +-6 % at the ends, +-3 % at the deciles, ours; none was published.
profile = prototype
calibrated = yes # digest + get; the rest as marked
seed = 6

# Host on.
m0.digest = 8.46 8.73 9 9.27 9.54 ms           # ours: its share of the published 0.06 s
m0.identify = 28.2 29.1 30 30.9 31.8 ms        # assumed
m0.get = 45.12 46.56 48 49.44 50.88 ms         # ours: the rest of the published 0.06 s
m0.put = 94 97 100 103 106 ms                  # assumed
m0.enumerate = 47 48.5 50 51.5 53 ms           # assumed
m0.association = 55.46 57.23 59 60.77 62.54 ms # ours: CPU information, amt7 is 1.9 x
m0.pull = 37.6 38.8 40 41.2 42.4 ms            # ours: with the above
m0.pull-item = 9.4 9.7 10 10.3 10.6 ms         # ours: with the above
m0.method = 94 97 100 103 106 ms               # assumed
m0.power = 883.6 911.8 940 968.2 996.4 ms      # assumed: slightly less than amt7

# Host off: assumed to be as with the host on.
m3.digest = 8.46 8.73 9 9.27 9.54 ms
m3.identify = 28.2 29.1 30 30.9 31.8 ms
m3.get = 45.12 46.56 48 49.44 50.88 ms
m3.put = 94 97 100 103 106 ms
m3.enumerate = 47 48.5 50 51.5 53 ms
m3.association = 55.46 57.23 59 60.77 62.54 ms
m3.pull = 37.6 38.8 40 41.2 42.4 ms
m3.pull-item = 9.4 9.7 10 10.3 10.6 ms
m3.method = 94 97 100 103 106 ms
m3.power = 883.6 911.8 940 968.2 996.4 ms

sleep.idle = never # assumed: a program on a server
