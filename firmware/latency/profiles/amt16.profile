# AMT 16 (2022); assumed, nothing was published
# Taken to be faster than AMT 11 (x86 engine). Measure a real one with tools/calibrate.
# Spread as amt7, ours.
profile = amt16
calibrated = no
seed = 16

# Host on: derived, amt7 x 0.4.
m0.digest = 7.144 7.372 7.6 7.828 8.056 ms
m0.identify = 15.04 15.52 16 16.48 16.96 ms
m0.get = 29.328 30.264 31.2 32.136 33.072 ms
m0.put = 94 97 100 103 106 ms
m0.enumerate = 22.56 23.28 24 24.72 25.44 ms
m0.association = 52.64 54.32 56 57.68 59.36 ms
m0.pull = 26.32 27.16 28 28.84 29.68 ms
m0.pull-item = 10.528 10.864 11.2 11.536 11.872 ms
m0.method = 45.12 46.56 48 49.44 50.88 ms
m0.power = 368.48 380.24 392 403.76 415.52 ms
m0.tls = 112.8 116.4 120 123.6 127.2 ms

# Host off: derived, the above x 2 (amt7: x 4); power x 1.2.
m3.digest = 14.288 14.744 15.2 15.656 16.112 ms
m3.identify = 30.08 31.04 32 32.96 33.92 ms
m3.get = 58.656 60.528 62.4 64.272 66.144 ms
m3.put = 188 194 200 206 212 ms
m3.enumerate = 45.12 46.56 48 49.44 50.88 ms
m3.association = 105.28 108.64 112 115.36 118.72 ms
m3.pull = 52.64 54.32 56 57.68 59.36 ms
m3.pull-item = 21.056 21.728 22.4 23.072 23.744 ms
m3.method = 90.24 93.12 96 98.88 101.76 ms
m3.power = 442.176 456.288 470.4 484.512 498.624 ms
m3.tls = 225.6 232.8 240 247.2 254.4 ms

sleep.idle = never # public: 65535 was found on 16.1.30 and 19.0.5 (Lenovo P3 Tiny)
sleep.minute = 60 s # public: IdleWakeTimeout is in minutes
sleep.extra = 90 s # public: boards sleep about 1 1/2 min after the timeout
sleep.arp = on     # assumed
sleep.ping = on    # assumed
wake.time = 0.752 0.776 0.8 0.824 0.848 s # assumed
wake.hold = 4      # assumed, as amt7
wake.announce = 1  # assumed

# Public: the link bounces and connections are lost. Times and all below assumed.
bounce.after = 0.5 0.8 1 1.5 2 s
bounce.down = 1 1.5 2 2.5 3 s
bounce.connections = drop
reset.down = 5 6 8 10 15 s
