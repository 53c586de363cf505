// Command overlay writes a mutant of package mutant to a temporary folder and prints the path of
// its overlay, for any test:
//
//	go test -overlay "$(go run ./internal/testkit/mutant/overlay 'lost wakeup')" ./sync/mpsc
package main

import (
	"fmt"
	"os"

	"github.com/handoff-go/handoff/internal/testkit/mutant"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "overlay:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 1 {
		if m, ok := mutant.Named(args[0]); ok {
			dir, err := os.MkdirTemp("", "mutant")
			if err != nil {
				return err
			}
			overlay, err := m.Overlay(".", dir)
			if err != nil {
				return err
			}
			fmt.Println(overlay)
			return nil
		}
	}
	var names []string
	for _, m := range mutant.Core {
		names = append(names, m.Name)
	}
	return fmt.Errorf("want the name of a mutant, one of %q", names)
}
