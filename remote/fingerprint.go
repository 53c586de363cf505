package remote

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"strings"
)

// fingerprint describes T so that two programs agree on it when their types have the
// same name and structure. The path of the package is left out: both ends usually
// declare the type in a package main of their own.
func fingerprint[T any]() string {
	t := reflect.TypeFor[T]()
	var b strings.Builder
	describe(&b, t, map[reflect.Type]int{})
	h := fnv.New64a()
	h.Write([]byte(b.String()))
	name := t.String()
	if strings.ContainsAny(name, " \t\r\n") || len(name) > 80 {
		name = t.Kind().String() // a struct without a name
	}
	return fmt.Sprintf("%s#%016x", name, h.Sum64())
}

// opaque reports whether t shows nothing of what is in it, as time.Time: all such structs
// look the same, so their names have to distinguish them.
func opaque(t reflect.Type) bool {
	for f := range t.Fields() {
		if f.IsExported() || f.Anonymous {
			return false
		}
	}
	return t.NumField() > 0
}

func describe(b *strings.Builder, t reflect.Type, seen map[reflect.Type]int) {
	if n, ok := seen[t]; ok && t.Kind() > reflect.Complex128 && t.Kind() != reflect.String {
		fmt.Fprintf(b, "^%d", n) // a type that contains itself
		return
	}
	if t.Name() != "" || t.Kind() == reflect.Struct {
		seen[t] = len(seen)
	}
	switch t.Kind() {
	case reflect.Struct:
		if t.Name() != "" && opaque(t) {
			b.WriteString(t.String())
			return
		}
		b.WriteString("struct{")
		for f := range t.Fields() {
			if !f.IsExported() && !f.Anonymous {
				continue
			}
			fmt.Fprintf(b, "%s %q ", f.Name, f.Tag)
			describe(b, f.Type, seen)
			b.WriteByte(';')
		}
		b.WriteByte('}')
	case reflect.Pointer:
		b.WriteByte('*')
		describe(b, t.Elem(), seen)
	case reflect.Slice:
		b.WriteString("[]")
		describe(b, t.Elem(), seen)
	case reflect.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		describe(b, t.Elem(), seen)
	case reflect.Map:
		b.WriteString("map[")
		describe(b, t.Key(), seen)
		b.WriteByte(']')
		describe(b, t.Elem(), seen)
	default:
		b.WriteString(t.Kind().String())
	}
}
