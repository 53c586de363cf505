package observe_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/handoff-go/handoff/observe"
)

func TestATextStaysTextInADiagram(t *testing.T) {
	for text, want := range map[string]string{
		"reader 1, of (2) a/b_c-d.go": "reader 1, of (2) a/b_c-d.go",
		"disk: full":                  "disk: full",
		"日本語 é":                       "日本語 é",
		"main.go:12":                  "main.go#58;12",
		"a; b # c":                    "a#59; b #35; c",
		`say "x"`:                     "say #34;x#34;",
		"<b>":                         "#60;b#62;",
		"%%{x}":                       "#37;#37;#123;x#125;",
		"end":                         "#101;nd",
		"End":                         "#69;nd",
		"the end":                     "the end",
		"wrap: x":                     "wrap#58; x",
		"NoWrap: x":                   "NoWrap#58; x",
		"1. x":                        "1#46; x",
		"12) x":                       "12#41; x",
		"- x":                         "#45; x",
		"two\nlines\tand\u00a0more":   "two lines and more",
		"\u202eevil":                  "#65533;evil",
		"bad \xff":                    "bad \ufffd",
		"  around  ":                  "around",
		"ﬂ°°60¶ß":                     "#64258;°°60#182;ß",
		strings.Repeat("é", 60):       strings.Repeat("é", 60),
		strings.Repeat("x", 9999):     strings.Repeat("x", 44) + "…" + strings.Repeat("x", 15),
	} {
		r := observe.Recording{
			Events: []observe.Event{{Seq: 1, Kind: observe.Cloned, Actor: 1, Channel: 2}},
			Actors: []observe.Actor{{ID: 1, Name: text}},
		}
		assert.Contains(t, sequence(t, r, observe.Filter{}), "participant p1 as "+want+"\n", "%q", text)
	}
}
