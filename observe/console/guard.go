package console

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// policy lets the page load its own files and nothing else. There is no inline script or
// style in it, so that a name which somehow became markup still could not run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

func secure(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// refuse returns why the request is not answered, or "".
func (h *handler) refuse(r *http.Request, page bool) string {
	// Without CORS headers another site could not read an answer, but it could open
	// streams until all places are taken. Browsers have sent this header since 2023;
	// what is no browser does not send it.
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		if link := page && r.Header.Get("Sec-Fetch-Mode") == "navigate"; !link {
			return "asked by a page of another site"
		}
	}
	// A browser sends that only over HTTPS and to this machine. Elsewhere a stream that a page
	// of another site opens has at least its origin.
	if origin := r.Header.Get("Origin"); origin != "" && r.Header.Get("Sec-Fetch-Site") == "" {
		if from, err := url.Parse(origin); err != nil || !strings.EqualFold(from.Host, r.Host) {
			return "asked by a page of another site"
		}
	}
	if !h.knowsHost(r) {
		return "the name " + strings.ToValidUTF8(r.Host, "?") + " is not one of this console: see console.Hosts"
	}
	return ""
}

// knowsHost is what stands against DNS rebinding: a site lets its own name point to a
// loopback address, and its scripts are then of the same origin as whatever listens there.
// Only the name in the request shows that. An IP address cannot be rebound.
func (h *handler) knowsHost(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = plainHost(host)
	if h.hosts != nil {
		return slices.Contains(h.hosts, host)
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return true
	}
	at, err := netip.ParseAddrPort(local.String())
	if err != nil || !at.Addr().Unmap().IsLoopback() {
		return true // a server at another address has names unknown here
	}
	_, err = netip.ParseAddr(host)
	return err == nil || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// plainHost is a name or an address without a port in the form in which it is compared.
func plainHost(host string) string {
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}
