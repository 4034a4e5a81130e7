# A profile for tests of tools/calibrate, assumed throughout. Long enough for what the machine itself
# adds, a fraction of a millisecond, to be small. With this seed the first draws stand well for
# their spreads, so what remains is due to the measuring.
profile = known
seed = 137
m0.digest = 28.8 29.4 30 30.8 31.8 ms
m0.identify = 30.7 31.4 32 32.8 33.9 ms
m0.get = 34.6 35.3 36 36.9 38.2 ms
m0.put = 42.2 43.1 44 45.1 46.6 ms
m0.enumerate = 30.7 31.4 32 32.8 33.9 ms
m0.association = 38.4 39.2 40 41 42.4 ms
m0.pull = 28.8 29.4 30 30.8 31.8 ms
m0.pull-item = 11.5 11.75 12 12.3 12.7 ms
m0.method = 34.6 35.3 36 36.9 38.2 ms
m0.power = 57.6 58.8 60 61.5 63.6 ms
m0.tls = 96 98 100 102.5 106 ms
m3.digest = 43.2 44.1 45 46.1 47.7 ms
m3.identify = 46.1 47 48 49.2 50.9 ms
m3.get = 51.8 52.9 54 55.4 57.2 ms
m3.put = 63.4 64.7 66 67.7 70 ms
m3.enumerate = 46.1 47 48 49.2 50.9 ms
m3.association = 57.6 58.8 60 61.5 63.6 ms
m3.pull = 43.2 44.1 45 46.1 47.7 ms
m3.pull-item = 17.3 17.6 18 18.5 19.1 ms
m3.method = 51.8 52.9 54 55.4 57.2 ms
m3.power = 86.4 88.2 90 92.3 95.4 ms
m3.tls = 144 147 150 153.75 159 ms
sleep.idle = 5
sleep.minute = 200 ms
sleep.extra = 0 ms
wake.time = 230 235 240 246 254 ms
