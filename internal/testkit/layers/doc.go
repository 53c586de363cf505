// Package layers holds the test that imports only point down, as
// CONTRIBUTING.md describes.
package layers
