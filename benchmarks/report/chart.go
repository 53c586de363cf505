package report

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/handoff-go/handoff/benchmarks/probe"
)

// Chart is a picture beside the page.
type Chart struct{ Title, Path string }

// Draw writes the charts into the directory img below dir, and adds them to the report. A chart
// shows the class with the most runs, because a chart shows one class.
func Draw(dir string, r *Report) error {
	all := tables(r.Scenarios, r.Result.Runs)
	main := mainClass(r)
	all = slices.DeleteFunc(all, func(t table) bool { return t.class != main && t.class != probe.Any })
	for _, family := range families(all) {
		if err := r.ratios(dir, family, all); err != nil {
			return err
		}
	}
	for _, c := range []struct{ file, title, pattern, axis string }{
		{"producers-unbounded", "time for a message by number of producers, unbounded", `^(?:spsc|mpsc)/cap=none(?:/producers=(\d+))?$`, "producers"},
		{"producers-128", "time for a message by number of producers, capacity 128", `^(?:spsc|mpsc)/cap=128(?:/producers=(\d+))?$`, "producers"},
		{"queue-depth", "time for a message by depth of the queue", `^depth/messages=(\d+)$`, "messages in the queue"},
	} {
		if err := r.scaling(dir, c.file, c.title, regexp.MustCompile(c.pattern), c.axis, all); err != nil {
			return err
		}
	}
	return nil
}

func mainClass(r *Report) (class probe.Class) {
	count := make(map[probe.Class]int)
	for _, run := range r.Result.Runs {
		count[run.Class]++
	}
	most := 0
	// One core is what remains: a pass of its own, with more runs than near or far when those share.
	for _, c := range []probe.Class{probe.Near, probe.Far, probe.One} {
		if count[c] > most && (c != probe.One || most == 0) {
			class, most = c, count[c]
		}
	}
	return class
}

func family(name string) string { f, _, _ := strings.Cut(name, "/"); return f }

func families(all []table) (out []string) {
	for _, t := range all {
		if f := family(t.scenario.Name); !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

// ratios has a group of bars for each scenario of a family: the fastest of handoff and the
// fastest other peer, both beside the native way, which is the line at 1.
func (r *Report) ratios(dir, name string, all []table) error {
	var labels []string
	var ours, theirs plotter.Values
	for i := range all {
		t := &all[i]
		o, b := t.ours(), t.theirs()
		if family(t.scenario.Name) != name || o == nil || b == nil || o.toBase.N == 0 {
			continue
		}
		_, rest, _ := strings.Cut(t.scenario.Name, "/")
		labels = append(labels, strings.ReplaceAll(rest, "/", "\n"))
		ours, theirs = append(ours, o.toBase.Median), append(theirs, b.toBase.Median)
	}
	if len(labels) == 0 {
		return nil
	}
	p := plot.New()
	p.Title.Text = name + ": less than 1 is better than the native way"
	p.Y.Label.Text = "ratio"
	p.Y.Min = 0
	const width = 14
	for i, vs := range []plotter.Values{ours, theirs} {
		bars, err := plotter.NewBarChart(vs, vg.Points(width))
		if err != nil {
			return err
		}
		bars.LineStyle.Width = 0
		bars.Color = plotutil.Color(1 - i)
		bars.Offset = vg.Points(width * (float64(i) - 0.5))
		p.Add(bars)
		p.Legend.Add([]string{"handoff, its fastest", "the fastest other peer"}[i], bars)
	}
	line := plotter.NewFunction(func(float64) float64 { return 1 })
	line.Color = color.Gray{Y: 96}
	line.Dashes = []vg.Length{vg.Points(4), vg.Points(3)}
	p.Add(line)
	p.Legend.Top = true
	p.Y.Max = max(p.Y.Max, 1) * 1.25 // room for the legend
	p.NominalX(labels...)
	return r.save(p, dir, name, name+", ratio to the native way", vg.Length(max(4, 1.1*float64(len(labels))))*vg.Inch)
}

// scaling has a line for each peer over a number in the names of scenarios; no number is 1.
func (r *Report) scaling(dir, file, title string, pattern *regexp.Regexp, axis string, all []table) error {
	var names []string
	points := make(map[string]plotter.XYs)
	ticks := make(map[float64]bool)
	for _, t := range all {
		m := pattern.FindStringSubmatch(t.scenario.Name)
		if m == nil {
			continue
		}
		x := 1.0
		if m[1] != "" {
			x, _ = strconv.ParseFloat(m[1], 64)
		}
		ticks[x] = true
		for _, row := range t.rows {
			if _, ok := points[row.peer.Name]; !ok {
				names = append(names, row.peer.Name)
			}
			points[row.peer.Name] = append(points[row.peer.Name], plotter.XY{X: x, Y: math.Max(row.metrics[0].Median, 0.1)})
		}
	}
	if len(ticks) < 2 {
		return nil
	}
	p := plot.New()
	p.Title.Text = title
	p.X.Label.Text, p.Y.Label.Text = axis, "ns"
	p.X.Scale, p.Y.Scale = plot.LogScale{}, plot.LogScale{}
	p.Y.Tick.Marker = plot.LogTicks{Prec: -1}
	var marks plot.ConstantTicks
	for x := range ticks {
		marks = append(marks, plot.Tick{Value: x, Label: strconv.FormatFloat(x, 'f', -1, 64)})
	}
	p.X.Tick.Marker = marks
	for i, name := range names {
		slices.SortFunc(points[name], func(a, b plotter.XY) int { return int(a.X - b.X) })
		line, dots, err := plotter.NewLinePoints(points[name])
		if err != nil {
			return err
		}
		line.Color, dots.Color = plotutil.Color(i), plotutil.Color(i)
		line.Dashes, dots.Shape = plotutil.Dashes(i/7), plotutil.Shape(i)
		if strings.HasPrefix(name, "handoff") {
			line.Width = vg.Points(2.5)
		}
		dots.Radius = vg.Points(3)
		p.Add(line, dots)
		p.Legend.Add(name, line, dots)
	}
	// The legend has the right side to itself: with all peers it would hide the lines.
	p.Legend.Top = true
	p.X.Max *= 40
	return r.save(p, dir, file, title, 8*vg.Inch)
}

func (r *Report) save(p *plot.Plot, dir, name, title string, width vg.Length) error {
	name = strings.ReplaceAll(name, " ", "-") + ".svg"
	if err := os.MkdirAll(filepath.Join(dir, "img"), 0o755); err != nil {
		return fmt.Errorf("charts: %w", err)
	}
	p.X.Padding = vg.Points(20)
	if err := p.Save(width+vg.Inch, 4*vg.Inch, filepath.Join(dir, "img", name)); err != nil {
		return fmt.Errorf("charts: %w", err)
	}
	r.Charts = append(r.Charts, Chart{title, "img/" + name})
	return nil
}
