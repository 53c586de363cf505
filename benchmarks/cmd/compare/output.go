package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/handoff-go/handoff/benchmarks/report"
)

// write puts the report where it belongs: a comparison, the short table or the page to standard
// output, or the page into a file, with its charts and data beside it.
func write(o *options, r *report.Report, stdout, stderr io.Writer) error {
	switch {
	case o.old != nil:
		if err := report.Against(stdout, o.old, r); err != nil {
			return fmt.Errorf("-against: %w", err)
		}
	case o.summary:
		if err := report.Short(stdout, r); err != nil {
			return err
		}
	case o.out == "":
		return report.Markdown(stdout, r)
	}
	if o.out == "" {
		return nil
	}
	if err := report.Draw(filepath.Dir(o.out), r); err != nil {
		return err
	}
	data := strings.TrimSuffix(o.out, filepath.Ext(o.out)) + ".json"
	err := errors.Join(
		create(o.out, func(w io.Writer) error { return report.Markdown(w, r) }),
		create(data, report.NewData(r).Save))
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote %s, %s and %d charts\n", o.out, data, len(r.Charts))
	if !o.write {
		return nil
	}
	// What counts is how many rounds each line of the table rests on, and not how many of
	// all runs were left out: they may belong to other scenarios.
	if err := insert(readme, r); err != nil {
		return err
	}
	fmt.Fprintf(stderr, "wrote the table in %s\n", readme)
	return nil
}

func create(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}

// insert puts the short table between its marks in a page.
func insert(path string, r *report.Report) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var table bytes.Buffer
	if err := report.Short(&table, r); err != nil {
		return err
	}
	out, err := report.Replace(string(text), table.String())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, []byte(out), 0o644)
}
