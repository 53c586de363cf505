package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/handoff-go/handoff/benchmarks/stats"
)

// Data is what another run is compared with: medians and ratios, not single runs, so that the file
// stays small.
type Data struct {
	Facts  []Fact `json:"facts"`
	Rounds int    `json:"rounds"`
	// Cells are the peers of a scenario and class, such as "seq/cap=1, near".
	Cells map[string]map[string]Cell `json:"cells"`
}

// Cell is the median of the first metric and, if there is one, the ratio to the native way: its
// median and the ends of its spread.
type Cell []float64

// NewData sums up a report.
func NewData(r *Report) *Data {
	d := &Data{Facts: r.Facts, Rounds: r.Result.Rounds, Cells: map[string]map[string]Cell{}}
	all := tables(r.Scenarios, r.Result.Runs)
	for i := range all {
		t := &all[i]
		peers := make(map[string]Cell)
		for j := range t.rows {
			row := &t.rows[j]
			if row.metrics[0].N == 0 {
				continue // what this system cannot tell
			}
			c := Cell{short(row.metrics[0].Median)}
			if row.toBase.N >= stats.Spread {
				c = append(c, short(row.toBase.Median), short(row.toBase.From), short(row.toBase.To))
			}
			peers[row.peer.Name] = c
		}
		d.Cells[t.key()] = peers
	}
	return d
}

func (t *table) key() string { return fmt.Sprintf("%s, %s", t.scenario.Name, t.class) }

// short keeps four digits that count.
func short(v float64) float64 {
	out, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	return out
}

// Save writes the data with a line for each scenario and class.
func (d *Data) Save(w io.Writer) error {
	b := bufio.NewWriter(w)
	facts, err := json.Marshal(d.Facts)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "{\"facts\":%s,\n\"rounds\":%d,\n\"cells\":{", facts, d.Rounds)
	for i, key := range slices.Sorted(maps.Keys(d.Cells)) {
		peers, err := json.Marshal(d.Cells[key])
		if err != nil {
			return err
		}
		comma := ","
		if i == 0 {
			comma = ""
		}
		fmt.Fprintf(b, "%s\n%q:%s", comma, key, peers)
	}
	fmt.Fprintf(b, "\n}}\n")
	return b.Flush()
}

// LoadData reads what [Data.Save] has written.
func LoadData(r io.Reader) (*Data, error) {
	d := new(Data)
	if err := json.NewDecoder(r).Decode(d); err != nil {
		return nil, fmt.Errorf("not the data of a run: %w", err)
	}
	if len(d.Cells) == 0 {
		return nil, fmt.Errorf("not the data of a run: there is no cell in it")
	}
	return d, nil
}
