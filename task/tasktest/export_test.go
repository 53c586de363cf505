package tasktest

// EndDefault is the part of VerifyNone about the default runtime, with times that a
// test need not wait for.
var EndDefault = endDefault
