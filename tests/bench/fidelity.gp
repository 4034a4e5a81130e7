# SPDX-License-Identifier: ISC
# The published bars and ours; 10 % to 90 % of ours as whiskers. The terminal is set by
# bench_report.py; it runs in build/bench.
set datafile separator ','
set multiplot
grey = '#b8b8b8'
blue = '#2a6fbb'
set style fill solid 0.85 border rgb '#444444'
set boxwidth 0.36
set grid ytics
set key top right Left reverse noenhanced

set bmargin at screen 0.12
set lmargin at screen 0.09
set rmargin at screen 0.60
set title 'One whole Get of CIM_SoftwareIdentity' noenhanced
set ylabel 'seconds'
set yrange [0:2.6]
set xrange [-0.6:3.6]
set xtics nomirror scale 0 noenhanced font ',11'
set xtics ("PC off,\nengine asleep" 0, "PC off,\nengine awake" 1, "PC on" 2, "research\nprototype" 3)
plot 'fidelity.csv' skip 1 using ($0 - 0.19):2 with boxes linecolor rgb grey title 'published', \
    '' skip 1 using ($0 + 0.19):3 with boxes linecolor rgb blue title 'vAMT', \
    '' skip 1 using ($0 + 0.19):4:(0):($5 - $4) with vectors heads size 0.05,90 linewidth 1.5 linecolor rgb 'black' title '10 % to 90 %', \
    '' skip 1 using ($0 - 0.19):($2 + 0.09):(sprintf('%.3g', $2)) with labels font ',11' notitle, \
    '' skip 1 using ($0 + 0.22):($5 + 0.09):(sprintf('%.3f', $3)) with labels font ',11' notitle

unset key
set lmargin at screen 0.69
set rmargin at screen 0.97
set title 'CPU information and power off' noenhanced
set ylabel 'ratio; seconds'
set yrange [0:2.4]
set xrange [-0.6:2.6]
set xtics ("CPU information:\namt7 / prototype" 0, "power off,\namt7, s" 1, "power off,\nprototype, s" 2)
plot 'fidelity-more.csv' skip 1 every ::0::0 using ($0 - 0.19):2 with boxes linecolor rgb grey, \
    '' skip 1 using ($0 + ($0 == 0 ? 0.19 : 0)):3 with boxes linecolor rgb blue, \
    '' skip 1 every ::1::2 using ($0 + 0.64):2:(0.72):(0) with vectors nohead linewidth 2 linecolor rgb '#994444', \
    '' skip 1 every ::0::0 using ($0 - 0.19):($2 + 0.08):(sprintf('%.3g', $2)) with labels font ',11', \
    '' skip 1 using ($0 + ($0 == 0 ? 0.19 : 0)):($3 + 0.08):(sprintf('%.3f', $3)) with labels font ',11', \
    '' skip 1 every ::1::1 using (1.5):(1.58):('published: below 1.5 s') with labels font ',11' textcolor rgb '#994444'
unset multiplot
