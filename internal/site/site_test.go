package site_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.uber.org/goleak"

	"github.com/handoff-go/handoff/internal/site"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

//go:noinline
func called(s *site.Site) { s.Take(0) }

func TestASiteIsTheCallOfTheUser(t *testing.T) {
	var s site.Site
	_, file, line, _ := runtime.Caller(0)
	called(&s)
	at, n, function := s.Frame()
	assert.Equal(t, file, at)
	assert.Equal(t, line+1, n)
	assert.True(t, strings.HasSuffix(function, "TestASiteIsTheCallOfTheUser"), function)
	assert.Equal(t, fmt.Sprintf("%s:%d", at, n), s.String())
	assert.Empty(t, new(site.Site).String())
}
