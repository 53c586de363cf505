package main

import (
	"bufio"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/handoff-go/handoff/async"
)

// A source is a goroutine that turns something that blocks into messages. It ends when
// its input does or when the loop has dropped the receiver, and drops its sender then,
// so each side notices when the other ends.

// readLines sends the lines of r. Nothing can end a Read that blocks, so this
// goroutine may stay in one until the program ends, and the program does not wait for it.
func readLines(r io.Reader, tx *async.Sender[line]) {
	defer tx.Drop()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if tx.SendBlocking(line(lines.Text())) != nil {
			return // the loop is over
		}
	}
	if err := lines.Err(); err != nil {
		tx.CloseCause(err)
	}
}

// sendTicks sends a tick every d. The channel has one slot, and a tick that the loop
// had no time for is replaced by the next: it receives how late it is once, and not ten late ticks.
func sendTicks(d time.Duration, tx *async.Sender[tick]) {
	defer tx.Drop()
	ticker := time.NewTicker(d)
	defer ticker.Stop()
	for n := 1; ; n++ {
		select {
		case at := <-ticker.C:
			if _, _, err := tx.ForceSend(tick{n, at}); err != nil {
				return
			}
		case <-tx.Done():
			return
		}
	}
}

// sendSignals sends what arrives at sigs.
func sendSignals(sigs <-chan os.Signal, tx *async.Sender[sig]) {
	defer tx.Drop()
	for {
		select {
		case s := <-sigs:
			if tx.SendBlocking(sig{s}) != nil {
				return
			}
		case <-tx.Done():
			return
		}
	}
}

// watch looks at the files under dir every so often and sends what has changed. A loop
// that cannot keep up holds it up: no directory is read before the earlier changes are taken.
func watch(dir string, every time.Duration, tx *async.Sender[change]) {
	defer tx.Drop()
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	before, err := snapshot(dir)
	for {
		if err != nil {
			tx.CloseCause(err)
			return
		}
		select {
		case <-ticker.C:
		case <-tx.Done():
			return
		}
		var now map[string]stamp
		now, err = snapshot(dir)
		if err != nil {
			continue
		}
		for _, c := range diff(before, now) {
			if tx.SendBlocking(c) != nil {
				return
			}
		}
		before = now
	}
}

// stamp is how a change of a file is recognised.
type stamp struct {
	size int64
	mod  time.Time
}

// snapshot returns the stamps of all regular files under dir. One that is removed while
// it looks is not there.
func snapshot(dir string) (map[string]stamp, error) {
	files := make(map[string]stamp)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if path == dir {
				return err
			}
			return nil // removed since, or not readable
		}
		if d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				files[path] = stamp{info.Size(), info.ModTime()}
			}
		}
		return nil
	})
	return files, err
}

// diff returns what happened between two snapshots, in the order of the paths.
func diff(before, now map[string]stamp) []change {
	var changes []change
	for path, s := range now {
		if old, ok := before[path]; !ok {
			changes = append(changes, change{"created", path})
		} else if old.size != s.size || !old.mod.Equal(s.mod) {
			changes = append(changes, change{"changed", path})
		}
	}
	for path := range maps.Keys(before) {
		if _, ok := now[path]; !ok {
			changes = append(changes, change{"removed", path})
		}
	}
	slices.SortFunc(changes, func(a, b change) int {
		if a.path < b.path {
			return -1
		}
		return 1
	})
	return changes
}
