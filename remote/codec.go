package remote

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"reflect"

	"google.golang.org/protobuf/proto"
)

// Codec turns values into bytes and back. Its methods are called from several goroutines
// at once.
type Codec interface {
	// Name is what other processes compare, and messages carry.
	Name() string
	// Encode returns the bytes of v, which the caller may keep.
	Encode(v any) ([]byte, error)
	// Decode sets the value that into points to. It must not keep data.
	Decode(data []byte, into any) error
}

// The codecs.
var (
	// JSON is encoding/json, and the default.
	JSON Codec = jsonCodec{}
	// Gob is encoding/gob, with the description of the type in every message.
	Gob Codec = gobCodec{}
	// Protobuf is for types that implement proto.Message, which are pointers.
	Protobuf Codec = protoCodec{}
	// Raw is for []byte and string, and types made of those: the bytes as they are.
	Raw Codec = rawCodec{}
)

type jsonCodec struct{}

func (jsonCodec) Name() string                       { return "json" }
func (jsonCodec) Encode(v any) ([]byte, error)       { return json.Marshal(v) }
func (jsonCodec) Decode(data []byte, into any) error { return json.Unmarshal(data, into) }

type gobCodec struct{}

func (gobCodec) Name() string { return "gob" }

func (gobCodec) Encode(v any) ([]byte, error) {
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(v)
	return b.Bytes(), err
}

func (gobCodec) Decode(data []byte, into any) error {
	return gob.NewDecoder(bytes.NewReader(data)).Decode(into)
}

type protoCodec struct{}

func (protoCodec) Name() string { return "protobuf" }

func (protoCodec) Encode(v any) ([]byte, error) {
	m, ok := v.(proto.Message)
	if !ok {
		return nil, fmt.Errorf("%T is no proto.Message", v)
	}
	return proto.Marshal(m)
}

func (protoCodec) Decode(data []byte, into any) error {
	p := reflect.ValueOf(into).Elem() // the *pb.Message that the user receives
	if p.Kind() != reflect.Pointer {
		return fmt.Errorf("%s is no pointer to a message", p.Type())
	}
	m, ok := reflect.TypeAssert[proto.Message](reflect.New(p.Type().Elem()))
	if !ok {
		return fmt.Errorf("%s is no proto.Message", p.Type())
	}
	if err := proto.Unmarshal(data, m); err != nil {
		return err
	}
	p.Set(reflect.ValueOf(m))
	return nil
}

type rawCodec struct{}

func (rawCodec) Name() string { return "raw" }

func (rawCodec) Encode(v any) ([]byte, error) {
	switch v := reflect.ValueOf(v); {
	case v.Kind() == reflect.String:
		return []byte(v.String()), nil
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		return bytes.Clone(v.Bytes()), nil // the sender may use its buffer again
	}
	return nil, fmt.Errorf("%T is neither bytes nor a string", v)
}

func (rawCodec) Decode(data []byte, into any) error {
	switch v := reflect.ValueOf(into).Elem(); {
	case v.Kind() == reflect.String:
		v.SetString(string(data))
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes(bytes.Clone(data))
	default:
		return fmt.Errorf("%s is neither bytes nor a string", v.Type())
	}
	return nil
}
