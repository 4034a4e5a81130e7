# SPDX-License-Identifier: ISC
# Memory, idling and latency over the number of companions. The terminal is set by
# bench_report.py; it runs in build/bench.
set datafile separator ','
set multiplot layout 1,3 title 'Companions on one machine, their hosts off' noenhanced
set xlabel 'companions'
set grid
set key left bottom Left reverse noenhanced font ',11'
set xrange [0:*]
set xtics rotate by -45
set offsets graph 0, graph 0.06, 0, 0
blue = '#2a6fbb'
grey = '#888888'
red = '#994444'

set title 'private memory of each' noenhanced
set ylabel 'MiB'
set yrange [0:30]
plot 'scale.csv' skip 1 using 1:2 with linespoints pointtype 7 linewidth 2 linecolor rgb blue title 'vAMT', \
    '' skip 1 using 1:4 with linespoints pointtype 6 linewidth 2 linecolor rgb grey title 'halts at once', \
    '' skip 1 using 1:($4 * 1.2) with lines dashtype 2 linecolor rgb red title '1.2 x that'

set title 'all idle' noenhanced
set ylabel '% of one core, all together'
set key left top
set yrange [0:*]
plot 'scale.csv' skip 1 using 1:5 with linespoints pointtype 7 linewidth 2 linecolor rgb blue title 'vAMT', \
    '' skip 1 using 1:7 with linespoints pointtype 4 linewidth 2 linecolor rgb '#66aa66' title 'vamtd, libvirtd', \
    '' skip 1 using 1:6 with linespoints pointtype 6 linewidth 2 linecolor rgb grey title 'halts at once', \
    20 with lines dashtype 2 linecolor rgb red title 'target'

set title 'Get, all asked in turn' noenhanced
set ylabel 'ms'
set logscale y
set yrange [0.1:100]
stats 'scale.csv' skip 1 every ::0::0 using 9 nooutput
first = STATS_max
plot 'scale.csv' skip 1 using 1:8 with linespoints pointtype 7 linewidth 2 linecolor rgb blue title 'median', \
    '' skip 1 using 1:9 with linespoints pointtype 5 linewidth 2 linecolor rgb '#0b2f57' title '99 %', \
    first * 10 with lines dashtype 2 linecolor rgb red title 'target of 99 %'
unset multiplot
