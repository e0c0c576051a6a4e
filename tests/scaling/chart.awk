# Draws docs/scaling-backlog.svg: a panel for each scenario, in it a line for each mode.
# Lines of standard input: "panel TITLE", "line MODE", and "HOUR BACKLOG" of the line before; hours from 1 on.
BEGIN {
	width = 760; panel_width = 330; panel_height = 150; left = 40; top = 46; gap_x = 40; gap_y = 62; columns = 2
	backlog_max = 32; step = 8
}
/^panel / { n++; title[n] = substr($0, 7); next }
/^line / { mode = $2; next }
{ x[n, mode, ++points[n, mode]] = $1; y[n, mode, points[n, mode]] = $2; if ($1 > hours[n]) hours[n] = $1 }
function at_x(panel, hour) { return left + (panel - 1) % columns * (panel_width + gap_x) + hour / hours[panel] * panel_width }
function at_y(panel, backlog) { return top + int((panel - 1) / columns) * (panel_height + gap_y) + (1 - backlog / backlog_max) * panel_height }
function draw_axes(panel, b, hour) {
	printf "<text class=\"title\" x=\"%d\" y=\"%d\">%s</text>\n", at_x(panel, 0), at_y(panel, backlog_max) - 10, title[panel]
	for (b = 0; b <= backlog_max; b += step) {
		printf "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", at_x(panel, 0), at_y(panel, b), at_x(panel, hours[panel])
		printf "<text class=\"tick\" text-anchor=\"end\" x=\"%d\" y=\"%.1f\">%d</text>\n", at_x(panel, 0) - 6, at_y(panel, b) + 4, b
	}
	for (hour = 0; hour <= hours[panel]; hour += 24)
		printf "<text class=\"tick\" text-anchor=\"middle\" x=\"%d\" y=\"%d\">%d h</text>\n", at_x(panel, hour), at_y(panel, 0) + 16, hour
}
function draw_line(panel, mode, i) {
	printf "<path class=\"%s\" d=\"M%d %.1f", mode, at_x(panel, 0), at_y(panel, 0)
	for (i = 1; i <= points[panel, mode]; i++)
		printf "L%.1f %.1f", at_x(panel, x[panel, mode, i]), at_y(panel, y[panel, mode, i])
	print "\"/>"
}
END {
	height = top + int((n + columns - 1) / columns) * (panel_height + gap_y) - 24
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">\n", \
		width, height, width, height, "The backlog over time, in hours of the quota, without and with coalescing"
	print "<style>text{font:12px sans-serif;fill:#24292f}.title{font-weight:600}.tick{font-size:11px;fill:#57606a}.grid{stroke:#d0d7de;fill:none}" \
		".never{stroke:#bc4c00;stroke-dasharray:5 3}.when_late{stroke:#0969da}.never,.when_late{fill:none;stroke-width:2}"
	print "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.tick{fill:#9198a1}.grid{stroke:#3d444d}.never{stroke:#f0883e}.when_late{stroke:#58a6ff}}</style>"
	printf "<path class=\"never\" d=\"M40 12h30\"/><text x=\"76\" y=\"16\">never</text><path class=\"when_late\" d=\"M130 12h30\"/><text x=\"166\" y=\"16\">when_late</text>"
	print "<text class=\"tick\" x=\"250\" y=\"16\">units not billed yet, in hours of the quota</text>"
	for (panel = 1; panel <= n; panel++) {
		draw_axes(panel)
		draw_line(panel, "never")
		draw_line(panel, "when_late")
	}
	print "</svg>"
}
