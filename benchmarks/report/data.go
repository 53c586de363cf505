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
	// Duels are the fastest of handoff beside the fastest other peer, where the spread is known.
	Duels map[string]Duel `json:"duels"`
}

// Duel is a ratio of two peers in a scenario and class: its median and the ends of its spread.
type Duel struct {
	Ours   string     `json:"ours"`
	Theirs string     `json:"theirs"`
	Ratio  [3]float64 `json:"ratio"`
}

// Cell is the median of the first metric and, if there is one, the ratio to the native way: its
// median and the ends of its spread.
type Cell []float64

// NewData sums up a report.
func NewData(r *Report) *Data {
	d := &Data{Facts: r.Facts, Rounds: r.Result.Rounds, Cells: map[string]map[string]Cell{}, Duels: map[string]Duel{}}
	all := tables(r.Scenarios, r.Result.Runs)
	for i := range all {
		t := &all[i]
		peers := make(map[string]Cell)
		for j := range t.rows {
			row := &t.rows[j]
			if row.metrics[0].N == 0 {
				continue // what this system cannot measure
			}
			c := Cell{short(row.metrics[0].Median)}
			if row.toBase.N >= stats.Spread {
				c = append(c, short(row.toBase.Median), short(row.toBase.From), short(row.toBase.To))
			}
			peers[row.peer.Name] = c
		}
		d.Cells[t.key()] = peers
		if ours, theirs := t.ours(), t.theirs(); ours != nil && theirs != nil && ours.toBest.N >= stats.Spread {
			r := ours.toBest
			d.Duels[t.key()] = Duel{ours.peer.Name, theirs.peer.Name, [3]float64{short(r.Median), short(r.From), short(r.To)}}
		}
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
	if err := lines(b, d.Cells); err != nil {
		return err
	}
	fmt.Fprintf(b, "},\n\"duels\":{")
	if err := lines(b, d.Duels); err != nil {
		return err
	}
	fmt.Fprintf(b, "}}\n")
	return b.Flush()
}

// lines writes the members of a JSON object, each on its own line.
func lines[V any](w io.Writer, m map[string]V) error {
	for i, key := range slices.Sorted(maps.Keys(m)) {
		value, err := json.Marshal(m[key])
		if err != nil {
			return err
		}
		comma := ","
		if i == 0 {
			comma = ""
		}
		fmt.Fprintf(w, "%s\n%q:%s", comma, key, value)
	}
	_, err := fmt.Fprintln(w)
	return err
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
