package components

// Sizes of the small chart of nights, in the units of its view box.
const (
	barWidth  = 5
	barGap    = 2
	barHeight = 18
	markSpace = 6 // above the bars, for the mark of a failed night
)

type drawnBar struct {
	x, y, height int
	failed       bool
	missed       bool
	label        string
}

// drawn places the bars on one scale from zero. A night that wrote nothing still
// shows a line, and a missed one an empty column.
func drawn(bars []Bar) []drawnBar {
	highest := 1
	for _, b := range bars {
		highest = max(highest, b.Value)
	}
	out := make([]drawnBar, len(bars))
	for i, b := range bars {
		h := max(1, b.Value*barHeight/highest)
		if b.Missed {
			h = barHeight
		}
		out[i] = drawnBar{
			x: i * (barWidth + barGap), y: markSpace + barHeight - h, height: h,
			failed: b.Failed, missed: b.Missed, label: b.Label,
		}
	}
	return out
}

func chartWidth(bars []Bar) int { return max(0, len(bars)*(barWidth+barGap)-barGap) }

func (b drawnBar) mark() string {
	return "M" + num(b.x) + " 0h" + num(barWidth) + "l-" + "2.5 4z"
}
