# SPDX-License-Identifier: ISC
# Latency of each operation, and the power status beside peers. The terminal is set by
# bench_report.py; it runs in build/bench.
set datafile separator ','
set multiplot

set lmargin at screen 0.07
set rmargin at screen 0.42
set title 'Requests to one companion, native' noenhanced
set xlabel 'milliseconds, client and network included'
set ylabel 'share of requests answered'
set logscale x
set xrange [0.1:100]
set yrange [0:1]
set format y '%.1f'
set grid
set key right bottom Left reverse noenhanced samplen 1.5 font ',11'
operations = '"TCP echo" "Identify" "Invoke" "Get" "Enumerate + Pull" "whole Get"'
set arrow 1 from 5, 0 to 5, 1 nohead dashtype 2 linecolor rgb '#994444'
plot for [n = 1:words(operations)] 'speed.csv' \
    using (strcol(1) eq word(operations, n) ? $3 : NaN):2 with lines linewidth 2 \
    title word(operations, n), \
    NaN with lines dashtype 2 linecolor rgb '#994444' title 'target of a Get'

unset arrow 1
unset key
unset ylabel
unset grid
set lmargin at screen 0.70
set rmargin at screen 0.97
set title 'Power status, median (blue: vAMT)' noenhanced
set xlabel 'milliseconds'
set xrange [0.05:3000]
set yrange [-0.6:*] reverse
set xtics ('0.1' 0.1, '1' 1, '10' 10, '100' 100, '1000' 1000)
set ytics nomirror scale 0 font ',11' noenhanced
set grid xtics
set style fill solid 0.8 border -1
if (system('test -s speed-status-p50.csv && echo yes') eq 'yes') {
    plot 'speed-status-p50.csv' using 2:0:(0.05):2:($0 - 0.32):($0 + 0.32):($3 > 0 ? 0x2a6fbb : 0xb8b8b8):ytic(1) \
        skip 1 with boxxyerror linecolor rgb variable, \
        '' using ($2 * 1.2):0:(sprintf('%.3g', $2)) skip 1 with labels left font ',11'
}
unset multiplot
