// Package async: see doc below.
package async
