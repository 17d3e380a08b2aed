package picture

import (
	"fmt"
	"math"
	"time"

	"github.com/go-analyze/charts"

	"taskbridge/storage"
)

// The size of a picture in pixels. Platforms show it smaller, so that it is sharp on
// screens with small pixels.
const (
	width  = 960
	height = 400
)

// most is the greatest number of labels, of which the last day has one.
const most = 8

// Words are what stands in a picture, in the language of its readers.
type Words struct {
	Created, Closed string
	// Day names a day.
	Day func(time.Time) string
}

// Days draws how many jobs were created and closed on each day, as a PNG. It brings its
// own light ground along, because nobody knows whether a reader's is light or dark.
func Days(days []storage.Day, say Words) ([]byte, error) {
	created, closed := make([]float64, len(days)), make([]float64, len(days))
	labels := make([]string, len(days))
	highest, every := 0, (len(days)+most-1)/most
	for n, d := range days {
		created[n], closed[n] = float64(d.Created), float64(d.Closed)
		if (len(days)-1-n)%every == 0 {
			labels[n] = say.Day(d.Date)
		}
		highest = max(highest, d.Created, d.Closed)
	}
	opt := charts.NewBarChartOptionWithData([][]float64{created, closed})
	opt.Theme = theme()
	opt.Padding = charts.NewBox(28, 24, 28, 20)
	opt.Legend.SeriesNames = []string{say.Created, say.Closed}
	opt.Legend.FontStyle = charts.NewFontStyleWithSize(15)
	opt.Legend.Offset = charts.OffsetLeft
	opt.CategoryAxis.Labels = labels
	opt.CategoryAxis.LabelCount = len(labels)
	// Without it more than three weeks of labels drift away from their bars.
	opt.CategoryAxis.BoundaryGap = new(true)
	opt.CategoryAxis.LabelFontStyle = charts.NewFontStyleWithSize(13)
	axis := &opt.ValueAxis[0]
	axis.LabelFontStyle = charts.NewFontStyleWithSize(13)
	top, step := ceiling(highest)
	axis.Min, axis.Max, axis.Unit = new(0.0), new(float64(top)), float64(step)
	opt.ValueFormatter = func(v float64) string { return fmt.Sprint(int(math.Round(v))) }
	p := charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputPNG, Width: width, Height: height, Theme: opt.Theme})
	if err := p.BarChart(opt); err != nil {
		return nil, fmt.Errorf("draw the days: %w", err)
	}
	png, err := p.Bytes()
	if err != nil {
		return nil, fmt.Errorf("draw the days: %w", err)
	}
	return png, nil
}

// theme is a card of its own: dark on light, with two colours that people who see red
// and green alike can tell apart (the palette of Okabe and Ito).
func theme() charts.ColorPalette {
	ink, faint := charts.ColorRGB(0x3d, 0x3c, 0x40), charts.ColorRGB(0xdd, 0xdd, 0xe0)
	return charts.MakeTheme(charts.ThemeOption{
		BackgroundColor: charts.ColorRGB(0xfa, 0xfa, 0xfb), TextColor: ink,
		AxisStrokeColor: ink, AxisSplitLineColor: faint,
		SeriesColors: []charts.Color{charts.ColorRGB(0x00, 0x72, 0xb2), charts.ColorRGB(0xe6, 0x9f, 0x00)},
	})
}

// ceiling is a round number above the highest bar and the step of the lines below it.
func ceiling(highest int) (top, step int) {
	for size := 1; ; size *= 10 {
		for _, s := range []int{1, 2, 5} {
			if step = s * size; highest <= 4*step {
				return 4 * step, step
			}
		}
	}
}
