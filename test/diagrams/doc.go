// Package diagrams has no code, only a test: Mermaid itself reads the diagrams that package
// observe writes, and those of the pages. A forge shows a mistake in one to its readers
// only; nothing else reports it.
//
// Mermaid is a program for a browser. Node runs it here, with jsdom for a page, both at the
// versions of package-lock.json. The test installs them with npm into the user's cache
// folder, not beside this file, where go and the tests of the pages would find thousands of
// files that are none of theirs.
package diagrams
