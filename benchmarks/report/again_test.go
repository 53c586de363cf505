package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/benchmarks/report"
)

// data is that of the sample, after a way through a file.
func data(t *testing.T) *report.Data {
	t.Helper()
	var file bytes.Buffer
	require.NoError(t, report.NewData(sample()).Save(&file))
	d, err := report.LoadData(&file)
	require.NoError(t, err)
	return d
}

func TestDataTravelsThroughAFile(t *testing.T) {
	assert.Equal(t, report.NewData(sample()), data(t))
	for _, text := range []string{"", "# Benchmarks", `{"cells":{}}`} {
		_, err := report.LoadData(strings.NewReader(text))
		assert.ErrorContains(t, err, "not the data of a run", "%q", text)
	}
}

func TestARunAgreesWithItself(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, report.Against(&out, data(t), sample()))
	assert.Contains(t, out.String(), "Of 5 ratios to the native way, 5 lie within")
	assert.Contains(t, out.String(), "Of 3 ratios of the fastest of handoff to the fastest other peer of then, 3 lie within")
	assert.NotContains(t, out.String(), "| scenario |")
}

func TestADifferenceIsShown(t *testing.T) {
	old := data(t)
	near, far := old.Cells["spsc/cap=128, near"], old.Cells["spsc/cap=128, far"]
	near["handoff mpsc"] = report.Cell{43, 0.30, 0.28, 0.35}
	far["handoff mpsc"] = report.Cell{43, 0.40, 0.39, 0.4135}
	delete(far, "rust kanal")
	old.Duels["spsc/cap=128, near"] = report.Duel{Ours: "handoff mpsc", Theirs: "rust kanal", Ratio: [3]float64{0.5, 0.4, 0.6}}
	var out bytes.Buffer
	require.NoError(t, report.Against(&out, old, sample()))
	text := out.String()
	assert.Contains(t, text, "| spsc/cap=128 | near | handoff mpsc | 0.30 (0.28–0.35) | 0.41 (0.40–0.41) | differs |")
	assert.Contains(t, text, "| spsc/cap=128 | far | handoff mpsc | 0.40 (0.39–0.41) | 0.42 (0.41–0.42) | overlaps |")
	assert.Contains(t, text, "Of 4 ratios to the native way, 2 lie within the spread that was stated, the spreads of 1 overlap, and 1 differ. 1 have no counterpart")
	assert.Contains(t, text, "| spsc/cap=128 | near | handoff mpsc to rust kanal | 0.50 (0.40–0.60) | 0.65 (0.64–0.66) | differs |")
	assert.Contains(t, text, "| processor | 2 × Some \\| CPU | 2 × Some \\| CPU |")
}

func TestNothingInCommonIsAnError(t *testing.T) {
	old := data(t)
	clear(old.Cells)
	assert.ErrorContains(t, report.Against(new(bytes.Buffer), old, sample()), "nothing to compare")
}

func TestShortTable(t *testing.T) {
	r := sample()
	r.Scenarios[2].Name = "memory/own channel/consumers=100000"
	for i := range r.Result.Runs {
		if r.Result.Runs[i].Scenario == "memory/own" {
			r.Result.Runs[i].Scenario = r.Scenarios[2].Name
		}
	}
	var out bytes.Buffer
	require.NoError(t, report.Short(&out, r))
	text := out.String()
	assert.Contains(t, text, "| mpsc | 0.41 (0.40–0.41) | rust kanal | 0.65 (0.64–0.66) |")
	assert.Contains(t, text, "| polled | 0.25 (0.25–0.25) | go |")
	assert.Contains(t, text, "2 × Some | CPU, processors near")
}

func TestReplace(t *testing.T) {
	const page = "before\n<!-- benchmarks -->\nold\n<!-- /benchmarks -->\nafter\n"
	got, err := report.Replace(page, "new\n")
	require.NoError(t, err)
	assert.Equal(t, "before\n<!-- benchmarks -->\nnew\n<!-- /benchmarks -->\nafter\n", got)
	again, err := report.Replace(got, "new\n")
	require.NoError(t, err)
	assert.Equal(t, got, again)
	for _, bad := range []string{"", "<!-- benchmarks -->\n", "<!-- /benchmarks -->\n<!-- benchmarks -->\n"} {
		_, err := report.Replace(bad, "new")
		assert.ErrorContains(t, err, "there are no lines", "%q", bad)
	}
}
