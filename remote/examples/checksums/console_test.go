package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
	"github.com/handoff-go/handoff/remote"
)

func TestTheConsoleShowsTheChannels(t *testing.T) {
	c, err := remote.Open(t.Context(), "embedded:"+t.TempDir())
	require.NoError(t, err)
	defer c.Close()
	var log strings.Builder
	stop, err := watch(t.Context(), "127.0.0.1:0", &log)
	require.NoError(t, err)
	defer stop()
	url := regexp.MustCompile(`http://[^#]+`).FindString(log.String())

	tx, rx, err := openJobs(t.Context(), c, "sums")
	require.NoError(t, err)
	defer tx.Drop()
	defer rx.Drop()
	require.NoError(t, tx.Send(Job{ID: "1", Name: "a file"}).Await(t.Context()))
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	assert.Eventually(t, func() bool {
		answer, err := client.Get(url + "state")
		if !assert.NoError(t, err) {
			return true
		}
		defer answer.Body.Close()
		var s observe.State
		assert.NoError(t, json.NewDecoder(answer.Body).Decode(&s))
		return len(s.Remote) == 1 && s.Remote[0].Name == "sums-jobs" && s.Remote[0].Lag == 1
	}, 20*time.Second, 50*time.Millisecond)
}

func TestWithoutAnAddressThereIsNoConsole(t *testing.T) {
	stop, err := watch(t.Context(), "", nil)
	require.NoError(t, err)
	stop()
	_, err = watch(t.Context(), "127.0.0.1:no", nil)
	require.ErrorContains(t, err, "-console")
}
