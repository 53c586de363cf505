package diagrams

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// understood is what Mermaid has made of a diagram.
type understood struct {
	Type   string  `json:"type"`
	Boxes  []box   `json:"boxes"`
	Arrows []arrow `json:"arrows"` // and the notes of a sequence diagram
	Error  string  `json:"error"`
}

type box struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

type arrow struct {
	From string `json:"from"`
	To   string `json:"to"`
	Text string `json:"text"`
}

// parse lets Mermaid read diagrams. Without node and npm the test is skipped, except in CI.
func parse(t *testing.T, diagrams []string) []understood {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatalf("%s is not here, and CI may not go without: %v", program, err)
			}
			t.Skipf("needs %s, which is not here; Mermaid has not seen the diagrams", program)
		}
	}
	folder, err := install(t.Context())
	require.NoError(t, err)
	input, err := json.Marshal(diagrams)
	require.NoError(t, err)
	node := exec.CommandContext(t.Context(), "node", "parse.mjs")
	node.Dir = folder
	node.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	node.Stderr = &stderr
	out, err := node.Output()
	require.NoError(t, err, stderr.String())
	var all []understood
	require.NoError(t, json.Unmarshal(out, &all), string(out))
	require.Len(t, all, len(diagrams))
	return all
}

// ours are the files that decide what is installed and run.
var ours = []string{"package.json", "package-lock.json", "parse.mjs"}

// install returns a folder of the cache that has these files and what they need. Its name
// is made of their contents, so what is there is right, and an older one is not touched.
func install(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	files := make(map[string][]byte)
	for _, name := range ours {
		text, err := os.ReadFile(name)
		if err != nil {
			return "", err
		}
		files[name] = text
		fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text)
	}
	parent := filepath.Join(cache, "handoff-mermaid")
	folder := filepath.Join(parent, hex.EncodeToString(hash.Sum(nil))[:16])
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	// It gets its name when it is complete: the test may be stopped, or run twice at once.
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	unfinished, err := os.MkdirTemp(parent, "unfinished-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(unfinished)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(unfinished, name), text, 0o644); err != nil {
			return "", err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = unfinished
	if out, err := npm.CombinedOutput(); err != nil {
		return "", fmt.Errorf("npm ci: %w\n%s", err, out)
	}
	if err := os.Rename(unfinished, folder); err != nil {
		if _, there := os.Stat(folder); there != nil {
			return "", errors.Join(err, there)
		}
	}
	return folder, nil
}
