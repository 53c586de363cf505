package console

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/handoff-go/handoff/observe"
)

func get(h http.Handler, target string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestTheConsoleWorksUnderAnyPrefix(t *testing.T) {
	console := Handler(from(&fake{}))
	mux := http.NewServeMux()
	mux.Handle("/debug/handoff/", console)
	mux.Handle("/a/b/c/", http.StripPrefix("/a/b/c", console))
	mux.Handle("/d/", http.StripPrefix("/d/", console))
	mux.Handle("/{$}", console)
	for _, prefix := range []string{"/debug/handoff/", "/a/b/c/", "/d/", "/"} {
		w := get(mux, prefix)
		assert.Equal(t, http.StatusOK, w.Code, prefix)
		assert.Contains(t, w.Body.String(), "<title>handoff console</title>", prefix)
	}
	assert.Equal(t, http.StatusOK, get(mux, "/debug/handoff/main.js").Code)
	assert.Equal(t, http.StatusOK, get(mux, "/a/b/c/main.js").Code)
	assert.Equal(t, http.StatusOK, get(mux, "/d/main.js").Code)
	assert.Equal(t, http.StatusMovedPermanently/100, get(mux, "/debug/handoff").Code/100)
}

// An absolute address would leave the prefix, and one of another site would reveal the program
// to that site.
func TestThePageRefersToItsOwnFilesAndToNothingElse(t *testing.T) {
	dir, err := os.ReadDir("page")
	require.NoError(t, err)
	console := Handler(from(&fake{}))
	references := regexp.MustCompile(`(?:src|href)="([^"#]+)"|from "([^"]+)"`)
	for _, file := range dir {
		data, err := os.ReadFile(filepath.Join("page", file.Name()))
		require.NoError(t, err)
		for _, found := range references.FindAllStringSubmatch(string(data), -1) {
			target := found[1] + found[2]
			assert.NotContains(t, strings.TrimPrefix(target, "./"), "/", file.Name())
			assert.Equal(t, http.StatusOK, get(console, "/"+strings.TrimPrefix(target, "./")).Code, target)
		}
		text := strings.ReplaceAll(string(data), "http://www.w3.org/2000/svg", "")
		assert.NotRegexp(t, `https?://|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function`, text, file.Name())
		assert.NotRegexp(t, `<script>|<style|\son[a-z]+="|\sstyle="`, text, file.Name())
		w := get(console, "/"+file.Name())
		assert.Equal(t, types[filepath.Ext(file.Name())], w.Header().Get("Content-Type"))
		assert.NotEmpty(t, w.Header().Get("Content-Type"), file.Name())
	}
}

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	console := Handler(from(&fake{}))
	for _, path := range []string{"/", "/main.js", "/state", "/recent", "/detail", "/missing", "/graph", "/sequence"} {
		h := get(console, path).Header()
		assert.True(t, strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self';"), path)
		assert.NotContains(t, h.Get("Content-Security-Policy"), "unsafe")
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), path)
		assert.Equal(t, "no-store", h.Get("Cache-Control"), path)
		assert.Equal(t, "same-origin", h.Get("Cross-Origin-Resource-Policy"), path)
		assert.Empty(t, h.Get("Access-Control-Allow-Origin"), path)
	}
}

func TestTheConsoleIsReadOnly(t *testing.T) {
	console := Handler(from(&fake{}))
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, "BREW"} {
		for _, path := range []string{"/", "/live", "/state", "/missing"} {
			w := httptest.NewRecorder()
			console.ServeHTTP(w, httptest.NewRequest(method, path, nil))
			assert.Equal(t, http.StatusMethodNotAllowed, w.Code, "%s %s", method, path)
			assert.Equal(t, "GET, HEAD", w.Header().Get("Allow"))
		}
	}
	w := httptest.NewRecorder()
	console.ServeHTTP(w, httptest.NewRequest(http.MethodHead, "/live", nil))
	assert.Equal(t, http.StatusOK, w.Code, "and HEAD of a stream ends")
}

func TestNothingBesideThePageIsServed(t *testing.T) {
	console := Handler(from(&fake{}))
	for _, path := range []string{"/missing", "/page/..", "/..%2fconsole.go", "/console.go", "/favicon.ico"} {
		assert.Equal(t, http.StatusNotFound, get(console, path).Code, path)
	}
}

func TestAPageOfAnotherSiteIsRefused(t *testing.T) {
	console := Handler(from(&fake{}))
	for _, path := range []string{"/", "/live", "/state", "/main.js"} {
		for _, site := range []string{"cross-site", "same-site"} {
			assert.Equal(t, http.StatusForbidden, get(console, path, "Sec-Fetch-Site", site, "Sec-Fetch-Mode", "no-cors").Code, path)
		}
	}
	assert.Equal(t, http.StatusOK, get(console, "/", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate").Code, "a link")
	assert.Equal(t, http.StatusOK, get(console, "/state", "Sec-Fetch-Site", "same-origin").Code)
	assert.Equal(t, http.StatusOK, get(console, "/state", "Sec-Fetch-Site", "none").Code, "typed by the user")
}

// Over plain HTTP, at an address that is not of this machine, a browser does not say from
// where it asks, but a stream has its origin.
func TestAStreamOfAnotherSiteIsRefusedByItsOrigin(t *testing.T) {
	console := Handler(from(&fake{}))
	for _, origin := range []string{"http://attacker.example", "http://example.com:81", "null", "http://example.com.attacker.example", "::"} {
		assert.Equal(t, http.StatusForbidden, get(console, "http://example.com/live", "Origin", origin).Code, origin)
	}
	assert.Equal(t, http.StatusOK, get(console, "http://example.com/state", "Origin", "http://EXAMPLE.com").Code)
	assert.Equal(t, http.StatusOK, get(console, "http://10.0.0.1/state", "Origin", "https://console.example", "Sec-Fetch-Site", "same-origin").Code, "behind a proxy")
}

// This is how DNS rebinding looks from here: the connection is local, the name is not.
func TestALoopbackAddressIsAskedForUnderNamesOfThisMachineOnly(t *testing.T) {
	code := func(console http.Handler, host string) int {
		server := httptest.NewServer(console)
		defer server.Close()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/state", nil)
		require.NoError(t, err)
		r.Host = host
		answer, err := server.Client().Do(r)
		require.NoError(t, err)
		answer.Body.Close()
		return answer.StatusCode
	}
	console := Handler(from(&fake{}))
	for _, host := range []string{"localhost", "localhost:80", "LOCALHOST.", "app.localhost:8080", "127.0.0.1", "127.0.0.1:6060", "[::1]:80", "10.1.2.3"} {
		assert.Equal(t, http.StatusOK, code(console, host), host)
	}
	for _, host := range []string{"attacker.example", "localhost.attacker.example:80", "notlocalhost", "1.2.3.4.attacker.example"} {
		assert.Equal(t, http.StatusForbidden, code(console, host), host)
	}
	named := Handler(from(&fake{}), Hosts("Console.Example"))
	assert.Equal(t, http.StatusOK, code(named, "console.example:443"))
	assert.Equal(t, http.StatusForbidden, code(named, "localhost"), "the option says all names")
	written := Handler(from(&fake{}), Hosts("[::1]", "console.example."))
	for _, host := range []string{"[::1]", "[::1]:443", "console.example", "console.example.:443"} {
		assert.Equal(t, http.StatusOK, code(written, host), host)
	}
}

func TestHostileNamesStayInTheirJSON(t *testing.T) {
	hostile := "</script><img src=x onerror=alert(1)>\u2028\"\n\ndata: {}\n\xff"
	f := &fake{state: observe.State{Channels: []observe.Channel{{ID: 1, Name: hostile}}}}
	console := Handler(from(f))
	for _, path := range []string{"/state", "/detail?id=1", "/graph", "/recent"} {
		w := get(console, path)
		require.Equal(t, http.StatusOK, w.Code, path)
		assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
		assert.NotContains(t, w.Body.String(), "<img", path)
	}
	frame := string(encodeFrame(&look{state: &f.state, rows: rowsOf(&f.state)}, time.Second, nil))
	assert.NotContains(t, frame, "\n", "a newline would end the event")
	assert.NotContains(t, frame, "<img")
}
