// Package mutant runs tests against copies of the source that have a mistake in them. A test
// that looks for faults is worth as much as what it finds, so it has to find each of these.
//
// The mistakes are edits of the text, and the go command takes the edited files from an overlay.
// So the production code has no switches for them. Rejected: such switches, which made the
// hardest functions longer, and copies of them, which would not follow a change.
package mutant

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Mutant is a mistake.
type Mutant struct {
	Name  string
	Edits []Edit
}

// Edit replaces a text that occurs exactly once in a file. The path of the file is relative to
// the root of the module.
type Edit struct{ File, Old, New string }

// Overlay writes the edited files and an overlay for the -overlay flag of the go command to
// dir, and returns the path of the overlay. It fails if an edit does not apply: then the code
// has changed, and the mutant has to follow.
func (m Mutant) Overlay(root, dir string) (string, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	texts := make(map[string]string)
	for _, e := range m.Edits {
		name := filepath.Join(root, filepath.FromSlash(e.File))
		text, ok := texts[name]
		if !ok {
			read, err := os.ReadFile(name)
			if err != nil {
				return "", fmt.Errorf("mutant %q: %w", m.Name, err)
			}
			text = string(read)
		}
		if n := strings.Count(text, e.Old); n != 1 {
			return "", fmt.Errorf("mutant %q does not apply: %s has %d times\n%s", m.Name, e.File, n, e.Old)
		}
		texts[name] = strings.Replace(text, e.Old, e.New, 1)
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = make(map[string]string)
	for name, text := range texts {
		edited := filepath.Join(dir, fmt.Sprintf("%d.go", len(overlay.Replace)))
		if err := os.WriteFile(edited, []byte(text), 0o600); err != nil {
			return "", err
		}
		overlay.Replace[name] = edited
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}

// Named returns the mutant of that name in [Core].
func Named(name string) (Mutant, bool) {
	for _, m := range Core {
		if m.Name == name {
			return m, true
		}
	}
	return Mutant{}, false
}
