# AMT 11 (2015); assumed, nothing was published
# Taken to be faster than AMT 7 (other processor, faster flash). Measure a real one with
# tools/calibrate.
# Spread as amt7, ours.
profile = amt11
calibrated = no
seed = 11

# Host on: derived, amt7 x 0.6.
m0.digest = 10.716 11.058 11.4 11.742 12.084 ms
m0.identify = 22.56 23.28 24 24.72 25.44 ms
m0.get = 43.992 45.396 46.8 48.204 49.608 ms
m0.put = 141 145.5 150 154.5 159 ms
m0.enumerate = 33.84 34.92 36 37.08 38.16 ms
m0.association = 78.96 81.48 84 86.52 89.04 ms
m0.pull = 39.48 40.74 42 43.26 44.52 ms
m0.pull-item = 15.792 16.296 16.8 17.304 17.808 ms
m0.method = 67.68 69.84 72 74.16 76.32 ms
m0.power = 552.72 570.36 588 605.64 623.28 ms
m0.tls = 169.2 174.6 180 185.4 190.8 ms

# Host off: derived, the above x 3 (amt7: x 4); power x 1.2.
m3.digest = 32.148 33.174 34.2 35.226 36.252 ms
m3.identify = 67.68 69.84 72 74.16 76.32 ms
m3.get = 131.976 136.188 140.4 144.612 148.824 ms
m3.put = 423 436.5 450 463.5 477 ms
m3.enumerate = 101.52 104.76 108 111.24 114.48 ms
m3.association = 236.88 244.44 252 259.56 267.12 ms
m3.pull = 118.44 122.22 126 129.78 133.56 ms
m3.pull-item = 47.376 48.888 50.4 51.912 53.424 ms
m3.method = 203.04 209.52 216 222.48 228.96 ms
m3.power = 663.264 684.432 705.6 726.768 747.936 ms
m3.tls = 507.6 523.8 540 556.2 572.4 ms

sleep.idle = 1     # public: most captured AMT_GeneralSettings say 1, others 65535
sleep.minute = 60 s # public: IdleWakeTimeout is in minutes
sleep.extra = 90 s # public: boards sleep about 1 1/2 min after the timeout
sleep.arp = on     # assumed
sleep.ping = on    # assumed
wake.time = 1.128 1.164 1.2 1.236 1.272 s # assumed
wake.hold = 4      # assumed, as amt7
wake.announce = 1  # assumed

# Public: the link bounces and connections are lost. Times and all below assumed.
bounce.after = 0.5 0.8 1 1.5 2 s
bounce.down = 1.5 2 2.5 3 4 s
bounce.connections = drop
reset.down = 8 10 12 15 20 s
