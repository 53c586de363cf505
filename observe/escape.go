package observe

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A name, a cause or the label of a message is text of a program and may come from its
// users. In a diagram it stays text.
//
// What Mermaid does with a text is spread over its grammars, its Markdown, its icons, and
// the page around it, and grows with its versions. So this knows the few characters that
// mean nothing to any of them, and writes every other one as #NUMBER;, which Mermaid turns
// into an HTML entity after everything else is done. Quoting instead is no way out: a
// sequence diagram has no quotes, and a quote cannot be escaped inside of quotes.

// harmless are the marks that have no meaning inside of a text.
const harmless = " -./_,()=+'?!"

// The longest text of a diagram, in characters: as much as a box or an arrow can show.
const longest = 60

// legible returns text as one line of characters that one can see, and not too long. What
// is invisible and acts on its neighbours, such as a change of the direction of writing, is
// shown as the character for what cannot be shown, and so are bytes that are no text.
func legible(text string) string {
	head, tail := shortened(text)
	head = strings.Map(visible, head)
	if tail != "" {
		head += "…" + strings.Map(visible, tail)
	}
	return strings.TrimSpace(head)
}

func visible(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsGraphic(r):
		return r
	}
	return utf8.RuneError
}

// shortened returns the beginning and the end of a text that is too long, and any other as
// its head. The end often distinguishes two long names.
func shortened(text string) (head, tail string) {
	// The first question spares the count for most, and the second for a very long one.
	if len(text) <= longest || len(text) <= longest*utf8.UTFMax && utf8.RuneCountInString(text) <= longest {
		return text, ""
	}
	const last = longest / 4
	from, to := 0, len(text)
	for range longest - last - 1 {
		_, n := utf8.DecodeRuneInString(text[from:])
		from += n
	}
	for range last {
		_, n := utf8.DecodeLastRuneInString(text[from:to])
		to -= n
	}
	return text[:from], text[to:]
}

// mermaidText returns text for a place in a Mermaid diagram where text is expected. It is
// never empty, because Mermaid takes nothing for a mistake.
func mermaidText(text string) string {
	text = legible(text)
	if text == "" {
		return "#32;"
	}
	// A word that closes a block, and is a known trap:
	// https://mermaid.js.org/intro/syntax-reference.html#syntax-structure
	reserved := strings.EqualFold(text, "end")
	number := true // so far, which a dot would make an item of a Markdown list
	var b strings.Builder
	for at, r := range text {
		first := at == 0 && (reserved || !unicode.IsLetter(r) && !unicode.IsDigit(r)) // may be an item too
		item := number && (r == '.' || r == ')')
		// As in a sentence, and not as in a URL, the name of an icon, or "wrap:", which is
		// an order to Mermaid.
		colon := r == ':' && strings.HasPrefix(text[at+1:], " ") && !strings.HasSuffix(strings.ToLower(text[:at]), "wrap")
		if first || item || !colon && !means(r) {
			b.WriteByte('#')
			b.WriteString(strconv.Itoa(int(r)))
			b.WriteByte(';')
		} else {
			b.WriteRune(r)
		}
		number = number && unicode.IsDigit(r)
	}
	return b.String()
}

// means reports whether r means nothing but itself.
func means(r rune) bool {
	switch r {
	case 'ﬂ', '¶': // these begin what Mermaid holds the place of a #NUMBER; with
		return false
	}
	return r >= utf8.RuneSelf || unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(harmless, r)
}
