package observe_test

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/async"
	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/task"
)

// serve is a program in which a task answers another one, on a runtime that has one worker
// and so does everything in one order.
func serve(t *testing.T) {
	t.Helper()
	rt, err := task.New(task.WithWorkers(1), task.WithSeed(1))
	require.NoError(t, err)
	defer func() { assert.NoError(t, rt.Shutdown(context.Background())) }()
	_, err = task.BlockOn(rt.Context(t.Context()), func(ctx context.Context) (int, error) {
		questions, asked := async.Bounded[string](2, async.Named("questions"))
		answers, got := async.Bounded[string](2, async.Named("answers"))
		server := task.Go(ctx, func(ctx context.Context) error {
			defer asked.Drop()
			defer answers.Drop()
			for q := range asked.All(ctx) {
				if err := answers.Send(strings.ToUpper(q)).Await(ctx); err != nil {
					return err
				}
			}
			return nil
		}, task.Named("server"))
		client := task.Go(ctx, func(ctx context.Context) error {
			defer questions.Drop()
			defer got.Drop()
			for _, q := range []string{"a", "b"} {
				if err := questions.Send(q).Await(ctx); err != nil {
					return err
				}
				if _, err := got.Recv().Await(ctx); err != nil {
					return err
				}
			}
			return nil
		}, task.Named("client"))
		if _, err := client.Await(ctx); err != nil {
			return 0, err
		}
		_, err := server.Await(ctx)
		return 0, err
	})
	require.NoError(t, err)
}

func TestTheDiagramsOfARun(t *testing.T) {
	stop := observe.Enable(observe.Options{Events: 1000, Label: func(m any) string { return fmt.Sprint(m) }})
	defer stop()
	since := observe.Snapshot().Events // of other tests
	serve(t)

	var b bytes.Buffer
	filter := observe.Filter{Since: since, Channels: []string{"questions", "answers"}, Kinds: []observe.Kind{observe.Sent, observe.Received}}
	require.NoError(t, observe.Sequence(&b, filter))
	assert.Equal(t, diagram("sequenceDiagram", `
		participant p1 as client
		participant p2 as server
		p1->>p2: questions #35;1: a
		p2->>p1: answers #35;1: A
		p1->>p2: questions #35;2: b
		p2->>p1: answers #35;2: B`), b.String())

	b.Reset()
	require.NoError(t, observe.Recorded().Topology(&b, filter))
	assert.Equal(t, diagram("flowchart LR", `
		p1["client"]
		p2("channel questions")
		p3["server"]
		p4("channel answers")
		p1 -->|"2"| p2
		p2 -->|"2"| p3
		p3 -->|"2"| p4
		p4 -->|"2"| p1`), regexp.MustCompile(`, [\d.e+]+/s`).ReplaceAllString(b.String(), ""))

	b.Reset()
	require.NoError(t, observe.Trace(&b, observe.Filter{Since: since}))
	arrows := 0
	var runs []string
	for _, e := range readTrace(t, b.Bytes()) {
		switch {
		case e.Ph == "s" && e.Cat == "message":
			arrows++
		case e.Ph == "X" && e.Cat == "task":
			runs = append(runs, e.Name)
		}
	}
	assert.Equal(t, 4, arrows)
	assert.Subset(t, runs, []string{"client", "server"})
	assert.Len(t, runs, 3, "and the root")
}
